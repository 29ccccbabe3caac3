import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf, verdictOf } from '../builders/answer.ts';
import { auditEvent, bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, OTHER_ACCOUNT, ROLE_ID, utc } from '../builders/company.ts';
import { awsService, iamUser, roleSession } from '../builders/trail-callers.ts';
import { callBy, type GrantOptions, grant } from '../builders/trail-records.ts';

const BY_NAME = 'attributed session-name iam-user alice';
const BY_USERNAME = 'attributed username iam-user alice';

describe('a session name that the event states, without an access key', () => {
  const event = (session = 'alice@example.com') => eventBy(roleUser({ key: null, session }));

  it.each<[string, GrantOptions, string]>([
    ['finds the grant of that role and name', { session: 'alice@example.com' }, BY_NAME],
    ['tells @ from -', { session: 'alice-example.com' }, 'unattributed no-matching-grant'],
    ['tells upper from lower case', { session: 'Alice@example.com' }, 'unattributed no-matching-grant'],
    [
      'finds no grant of another role',
      { session: 'alice@example.com', roleId: 'AROAOTHER000000000001' },
      'unattributed no-matching-grant',
    ],
    [
      'finds no grant of a person without assumedRoleUser',
      { session: 'alice@example.com', namesRoleUser: false },
      'unattributed no-matching-grant',
    ],
  ])('%s', (_, options, expected) => {
    expect(verdictOf({ event: event(), records: [grant(options)] })).toBe(expected);
  });

  it.each<[string, GrantOptions, string]>([
    ['of that role', {}, 'attributed session-name aws-service ec2.amazonaws.com'],
    ['of that role under a path', { path: '/team/' }, 'attributed session-name aws-service ec2.amazonaws.com'],
    ['of another role', { roleName: 'other' }, 'unattributed no-matching-grant'],
    ['of another account', { accountId: OTHER_ACCOUNT }, 'unattributed no-matching-grant'],
  ])('finds a grant to a service without assumedRoleUser by extra.arn, %s', (_, options, expected) => {
    const records = [grant({ by: awsService('ec2.amazonaws.com'), namesRoleUser: false, session: 'i-01', ...options })];
    expect(verdictOf({ event: event('i-01'), records })).toBe(expected);
  });

  it('makes everybody a candidate if all on the role share it', () => {
    const name = { session: 'EKSGetTokenAuth' };
    const records = ['alice', 'bob', 'carol'].map((user) => grant({ ...name, by: iamUser(user), key: null }));
    expect(verdictOf({ event: event('EKSGetTokenAuth'), records })).toBe('ambiguous alice or bob or carol');
    const later = grant({ ...name, by: iamUser('alice'), at: utc('10:00:00'), until: utc('11:00:00'), key: null });
    expect(verdictOf({ event: event('EKSGetTokenAuth'), records: [later, grant({ ...name, key: null })] })).toBe(
      BY_NAME,
    );
  });

  it('is not used if there is a key, since the caller chooses the name', () => {
    const records = [grant({ key: ANOTHER_KEY })];
    expect(verdictOf({ event: auditEvent(), records })).toBe('unattributed access-key-not-seen');
  });
});

describe('a session name that a username template reads', () => {
  it.each<[string, string, string, string, string]>([
    ['with @ as -', 'admin:{{SessionName}}', 'admin:alice-example.com', 'alice@example.com', BY_USERNAME],
    ['as it is', 'admin:{{SessionName}}', 'admin:alice-example.com', 'alice-example.com', BY_USERNAME],
    ['raw', 'admin:{{SessionNameRaw}}', 'admin:alice@example.com', 'alice@example.com', BY_USERNAME],
    [
      'raw, which tells @ from -, so that the other is but a neighbour',
      'admin:{{SessionNameRaw}}',
      'admin:alice@example.com',
      'alice-example.com',
      'ambiguous alice',
    ],
    ['short, since a template decides', 'admin:{{SessionName}}', 'admin:al', 'al', BY_USERNAME],
    ["behind the uid's account", '{{AccountID}}:{{SessionName}}', `${ACCOUNT}:alice`, 'alice', BY_USERNAME],
    [
      'not behind another account',
      '{{AccountID}}:{{SessionName}}',
      `${OTHER_ACCOUNT}:alice`,
      'alice',
      'ambiguous alice',
    ],
  ])('is compared %s', (_, template, username, session, expected) => {
    const event = eventBy(bareRoleUser(username));
    expect(verdictOf({ event, templates: [template], records: [grant({ session })] })).toBe(expected);
  });

  it('may be one of several readings: each is a candidate', () => {
    const event = eventBy(bareRoleUser('a:b:carol'));
    const templates = ['a:{{SessionName}}', 'a:b:{{SessionName}}', '{{SessionName}}:carol'];
    expect(verdictOf({ event, templates, records: [grant({ session: 'carol' })] })).toBe(BY_USERNAME);
    const two = eventBy(bareRoleUser('alice.bob'));
    const both = ['{{SessionName}}.bob', 'alice.{{SessionName}}'];
    const records = [grant({ session: 'alice' }), grant({ session: 'bob', by: iamUser('bob'), key: ANOTHER_KEY })];
    expect(verdictOf({ event: two, templates: both, records })).toBe('ambiguous alice or bob');
  });

  it('is by default that of an access entry', () => {
    const event = eventBy(bareRoleUser(`arn:aws:sts::${ACCOUNT}:assumed-role/project-admin/al-a.com`));
    expect(verdictOf({ event, records: [grant({ session: 'al@a.com' })] })).toBe(BY_USERNAME);
  });

  describe('in a grant to a service without assumedRoleUser', () => {
    const event = eventBy(bareRoleUser('node:i-0123456789abcdef0'));
    const templates = ['node:{{SessionName}}'];
    const service = (options: GrantOptions = {}) =>
      grant({
        by: awsService('ec2.amazonaws.com'),
        namesRoleUser: false,
        session: 'i-0123456789abcdef0',
        key: null,
        ...options,
      });
    const persons = grant({ session: 'i-0123456789abcdef0' });
    const BY_SERVICE = 'attributed username aws-service ec2.amazonaws.com';

    it('matches while no record names the role of the ID, and leaves a person of that name as a candidate', () => {
      expect(verdictOf({ event, templates, records: [service({ roleName: 'other' })] })).toBe(BY_SERVICE);
      const unstated = { ...persons, requestParameters: { roleSessionName: 'i-0123456789abcdef0' } };
      expect(verdictOf({ event, templates, records: [service(), unstated] })).toBe(
        'ambiguous alice or ec2.amazonaws.com',
      );
    });

    it('matches by the role that any record states with the ID', () => {
      const records = [service({ roleName: 'other' }), persons];
      expect(verdictOf({ event, templates, records })).toBe(BY_USERNAME);
      expect(verdictOf({ event, templates, records: [service(), persons] })).toBe(
        'ambiguous alice or ec2.amazonaws.com',
      );
    });
  });

  it('is not used if the event has a key', () => {
    const event = eventBy(bareRoleUser('admin:alice', { key: ANOTHER_KEY }));
    const records = [grant({ session: 'alice' })];
    expect(verdictOf({ event, templates: ['admin:{{SessionName}}'], records })).toBe(
      'unattributed access-key-not-seen',
    );
  });
});

describe('an access key that a username template reads', () => {
  const templates = ['{{AccessKeyID}}'];
  it('finds the grant that issued it as a candidate, and proves nothing', () => {
    const event = eventBy(bareRoleUser(KEY));
    expect(verdictOf({ event, templates, records: [grant()] })).toBe(BY_USERNAME);
    expect(answerOf({ event, templates, records: [grant()] }).flags).toEqual(['name-chosen-by-caller']);
  });

  it('is never searched by session start', () => {
    const event = eventBy(bareRoleUser(KEY));
    const use = callBy(roleSession({ roleId: ROLE_ID, key: KEY, session: 'alice-session', began: utc('12:00:00') }));
    const records = [use, grant({ key: null })];
    expect(verdictOf({ event, templates, records })).toBe('unattributed session-name-unknown');
  });

  it('is a name that the caller chose if the template belongs to another role', () => {
    const event = eventBy(bareRoleUser(KEY));
    const mallorys = grant({ session: KEY, key: ANOTHER_KEY, by: iamUser('mallory') });
    expect(verdictOf({ event, templates, records: [grant(), mallorys] })).toBe('ambiguous alice or mallory');
    const bound = [`arn:aws:iam::${ACCOUNT}:role/other={{AccessKeyID}}`];
    expect(verdictOf({ event, templates: bound, records: [grant(), mallorys] })).toBe(
      'attributed username iam-user mallory',
    );
  });

  it('gives way to the key in extra', () => {
    const event = eventBy(bareRoleUser(ANOTHER_KEY, { key: KEY }));
    expect(verdictOf({ event, templates, records: [grant()] })).toBe('attributed access-key iam-user alice');
  });

  it('replaces a placeholder key', () => {
    const event = eventBy(bareRoleUser(KEY, { key: 'AAAAAAAAAAAAAAAA' }));
    expect(verdictOf({ event, templates, records: [grant()] })).toBe(BY_USERNAME);
  });
});

describe('a username that one template reads as a name and another as a key', () => {
  const mallorys = grant({ session: KEY, key: ANOTHER_KEY, by: iamUser('mallory'), id: 'm' });
  const verdict = (records: readonly JsonObject[], session = 'admin:{{SessionName}}') =>
    verdictOf({
      event: eventBy(bareRoleUser(`admin:${KEY}`)),
      templates: ['admin:{{AccessKeyID}}', session],
      records,
    });

  it('makes both candidates, since whoever chose the name may have chosen a key', () => {
    expect(verdict([grant(), mallorys])).toBe('ambiguous alice or mallory');
    expect(verdict([mallorys, grant()])).toBe('ambiguous alice or mallory');
  });

  it('has an answer if both are one person, or only one reading leads to a grant', () => {
    const own = grant({ session: KEY, key: ANOTHER_KEY, id: 'own' });
    expect(verdict([grant(), own])).toBe(BY_USERNAME);
    expect(verdict([grant()])).toBe(BY_USERNAME);
    expect(verdict([mallorys])).toBe('attributed username iam-user mallory');
  });
});

describe('a session name that is guessed from the username', () => {
  it.each([
    ['decides with 10 characters and a digit', 'admin:alice-0001', 'alice-0001', BY_USERNAME],
    ['decides as the whole username', 'alice-0001', 'alice-0001', BY_USERNAME],
    ['decides at the start', 'alice-0001:admin', 'alice-0001', BY_USERNAME],
    ['decides with @ as -', 'admin:alice1-example.com', 'alice1@example.com', BY_USERNAME],
    ['decides with @ in the username', 'admin:alice1@example.com', 'alice1-example.com', BY_USERNAME],
    ['is a candidate with 9 characters', 'admin:alice-001', 'alice-001', 'ambiguous alice'],
    ['is a candidate without a digit', 'admin:alice-example.com', 'alice@example.com', 'ambiguous alice'],
    ['is not found within a word', 'admin_alice-0001', 'alice-0001', 'unattributed session-name-unknown'],
    ['decides in the middle', 'a:alice-0001:b', 'alice-0001', BY_USERNAME],
    ['is not found with another case', 'admin:Alice-0001', 'alice-0001', 'unattributed session-name-unknown'],
  ])('%s', (_, username, session, expected) => {
    expect(verdictOf({ event: eventBy(bareRoleUser(username)), records: [grant({ session })] })).toBe(expected);
  });

  it('leads to two candidates if one guess may decide and the other may not', () => {
    const event = eventBy(bareRoleUser('alice-0001:bob'));
    const records = [grant({ session: 'alice-0001' }), grant({ session: 'bob', by: iamUser('bob'), key: ANOTHER_KEY })];
    expect(verdictOf({ event, records })).toBe('ambiguous alice or bob');
  });

  it('rests on the grant that may decide if both are of one person, even if the other is later', () => {
    const event = eventBy(bareRoleUser('alice-0001:al'));
    const records = [
      grant({ id: 'long', session: 'alice-0001' }),
      grant({ id: 'short', session: 'al', key: ANOTHER_KEY, at: utc('12:05:00') }),
    ];
    expect(answerOf({ event, records }).chain?.[0]?.eventIds).toEqual(['long']);
  });

  it('makes the person a candidate who has the whole username as a session name', () => {
    const event = eventBy(bareRoleUser('admin:alice-0001'));
    const mallorys = grant({ session: 'admin-x', key: ANOTHER_KEY, by: iamUser('mallory') });
    const whole = eventBy(bareRoleUser('admin-x:alice-0001'));
    expect(verdictOf({ event, records: [grant({ session: 'alice-0001' }), mallorys] })).toBe(BY_USERNAME);
    expect(verdictOf({ event: whole, records: [grant({ session: 'alice-0001' }), mallorys] })).toBe(
      'ambiguous alice or mallory',
    );
  });

  describe('besides the name that a template reads', () => {
    const event = eventBy(bareRoleUser('admin:alice-0001'));
    const records = [grant({ session: 'alice-0001' })];

    it('is a candidate if the template is bound to no role, and never decides alone', () => {
      expect(verdictOf({ event, templates: ['{{SessionName}}:alice-0001'], records })).toBe('ambiguous alice');
      const others = grant({ session: 'admin', key: ANOTHER_KEY, by: iamUser('bob') });
      expect(verdictOf({ event, templates: ['{{SessionName}}:alice-0001'], records: [...records, others] })).toBe(
        'ambiguous alice or bob',
      );
    });

    it('is no candidate if the template is bound to the role', () => {
      const bound = `arn:aws:iam::${ACCOUNT}:role/project-admin=admin:{{SessionName}}`;
      const others = grant({ session: 'admin', key: ANOTHER_KEY, by: iamUser('bob') });
      expect(verdictOf({ event, templates: [bound], records: [...records, others] })).toBe(BY_USERNAME);
    });

    it('is only guessed if the template is bound to another role', () => {
      const bound = `arn:aws:iam::${ACCOUNT}:role/other={{SessionName}}:alice-0001`;
      expect(verdictOf({ event, templates: [bound], records })).toBe(BY_USERNAME);
    });
  });
});
