import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { verdictOf } from '../builders/answer.ts';
import { auditEvent, eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, OTHER_ACCOUNT, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { awsService, iamUser, roleSession } from '../builders/trail-callers.ts';
import { callBy, federationGrant, type GrantOptions, grant } from '../builders/trail-records.ts';

const BY_KEY = 'attributed access-key iam-user alice';
const CONTRADICTS = 'unattributed access-key-contradicts-session';

describe('a grant that issued the key of the event', () => {
  it.each<[string, GrantOptions, string]>([
    ['decides', {}, BY_KEY],
    ['is not believed for another role id', { roleId: 'AROAOTHER000000000001' }, CONTRADICTS],
    ['is not believed for another session name', { session: 'bob-session' }, CONTRADICTS],
    ['is not believed for a name with - where the event has @', { session: 'alice.session' }, CONTRADICTS],
    ['decides without assumedRoleUser, where role and name are the same', { namesRoleUser: false }, BY_KEY],
    [
      'is not believed without assumedRoleUser, where the role is another',
      { namesRoleUser: false, roleName: 'other' },
      CONTRADICTS,
    ],
    [
      'is not believed without assumedRoleUser, where the account is another',
      { namesRoleUser: false, accountId: OTHER_ACCOUNT },
      CONTRADICTS,
    ],
    ['decides whatever the path of its role', { namesRoleUser: false, path: '/team/a/' }, BY_KEY],
  ])('%s', (_, options, expected) => {
    expect(verdictOf({ event: auditEvent(), records: [grant(options)] })).toBe(expected);
  });

  it('decides if the event states no name', () => {
    const event = eventBy(roleUser({ session: null }));
    expect(verdictOf({ event, records: [grant({ session: 'whatever' })] })).toBe(BY_KEY);
  });

  it('does not count if it is of another kind of session', () => {
    for (const record of [federationGrant('alice-session'), grant({ eventName: 'GetSessionToken' })]) {
      expect(verdictOf({ event: auditEvent(), records: [record] })).toBe(CONTRADICTS);
    }
  });

  it('decides although a forged one contradicts', () => {
    const forged = grant({ by: iamUser('mallory'), roleId: 'AROAOTHER000000000001' });
    expect(verdictOf({ event: auditEvent(), records: [forged, grant()] })).toBe(BY_KEY);
  });
});

describe('a record that a long-term key signed', () => {
  it('is no use of a session, and does not say whose session the event belongs to', () => {
    const key = 'AKIAALICE00000000001';
    const event = eventBy(roleUser({ key }));
    const records = [callBy(iamUser('alice', { accessKeyId: key })), grant()];
    expect(verdictOf({ event, records })).toBe('unattributed access-key-not-seen');
  });
});

/** The event is signed by a key that no grant lists; a use of it says whose session it is and when it began. */
describe('a use of the key of the event', () => {
  const SESSION = { roleId: ROLE_ID, roleName: ROLE_NAME, session: 'alice-session', key: ANOTHER_KEY };
  const event = eventBy(roleUser({ key: ANOTHER_KEY }));
  const use = (began: string | null, fields: JsonObject = {}) =>
    callBy(roleSession({ ...SESSION, began: began === null ? null : utc(began), ...fields }));
  const BY_START = 'attributed session-start iam-user alice';

  it.each<[string, JsonObject, GrantOptions, string]>([
    ['leads to the grant of its beginning', use('12:00:00'), {}, BY_START],
    ['may begin within the very second', use('12:00:00.999'), {}, BY_START],
    ['may not begin in the second before', use('11:59:59.999'), {}, 'unattributed access-key-not-seen'],
    ['may not begin in the second after', use('12:00:01'), {}, 'unattributed access-key-not-seen'],
    ['without a beginning leads nowhere', use(null), {}, 'unattributed access-key-not-seen'],
    [
      'with an unreadable beginning leads nowhere',
      use(null, { fields: { sessionContext: { attributes: { creationDate: 'x' } } } }),
      {},
      'unattributed access-key-not-seen',
    ],
    ['of another role contradicts', use('12:00:00', { roleId: 'AROAOTHER000000000001' }), {}, CONTRADICTS],
    ['of another session contradicts', use('12:00:00', { session: 'bob-session' }), {}, CONTRADICTS],
    [
      'leads to no grant of another session',
      use('12:00:00'),
      { session: 'bob-session' },
      'unattributed no-matching-grant',
    ],
    ['leads to a grant without assumedRoleUser by role and name', use('12:00:00'), { namesRoleUser: false }, BY_START],
    [
      'leads to no grant without assumedRoleUser of another role',
      use('12:00:00'),
      { namesRoleUser: false, roleName: 'other' },
      'unattributed no-matching-grant',
    ],
  ])('%s', (_, record, options, expected) => {
    expect(verdictOf({ event, records: [record, grant(options)] })).toBe(expected);
  });

  it('may have been denied, and made at any time', () => {
    const late = callBy(roleSession({ ...SESSION, began: utc('12:00:00') }), {
      errorCode: 'AccessDenied',
      eventTime: utc('12:59:00'),
    });
    expect(verdictOf({ event, records: [late, grant()] })).toBe(BY_START);
  });

  it('does not count if a grant of the key decides', () => {
    const bobs = grant({ by: iamUser('bob'), key: ANOTHER_KEY });
    expect(verdictOf({ event, records: [use('12:00:00'), grant(), bobs] })).toBe('attributed access-key iam-user bob');
  });

  it('makes both people candidates if two sessions began in one second, and no one if they began one second later', () => {
    const bobs = (at: string) => grant({ by: iamUser('bob'), at: utc(at), key: null });
    expect(verdictOf({ event, records: [use('12:00:00'), grant({ key: null }), bobs('12:00:00')] })).toBe(
      'ambiguous alice or bob',
    );
    expect(verdictOf({ event, records: [use('12:00:01'), grant({ key: null }), bobs('12:00:01')] })).toBe(
      'attributed session-start iam-user bob',
    );
  });

  it('leads to the instance behind a node role', () => {
    const service = grant({ by: awsService('ec2.amazonaws.com'), namesRoleUser: false, key: null });
    expect(verdictOf({ event, records: [use('12:00:00'), service] })).toBe(
      'attributed session-start aws-service ec2.amazonaws.com',
    );
  });
});
