import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf, verdictOf } from '../builders/answer.ts';
import { bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { iamUser, roleSession, samlUser } from '../builders/trail-callers.ts';
import { callBy, type GrantOptions, grant } from '../builders/trail-records.ts';

const NAME = 'alice@example.com';
const ROLE = { roleName: 'AWSReservedSSO_Admin_0123456789abcdef', roleId: 'AROAIDENTITYCENTER01' };
const provider = (name: string) => ({ principalArn: `arn:aws:iam::${ACCOUNT}:saml-provider/${name}` });

function ssoGrant(options: GrantOptions = {}): JsonObject {
  return grant({
    ...ROLE,
    eventName: 'AssumeRoleWithSAML',
    path: '/aws-reserved/sso.amazonaws.com/eu-west-1/',
    session: NAME,
    by: samlUser(NAME),
    request: provider('AWSSSO_0123_DO_NOT_DELETE'),
    ...options,
  });
}

const event = (key: string | null) => eventBy(roleUser({ ...ROLE, session: NAME, key }));
const BY_NAME = `attributed session-name identity-center-user ${NAME}`;

describe("Identity Center's session, whose key no grant lists", () => {
  it('is found by its name, which AWS set, and the flag says that the key is another', () => {
    const answer = answerOf({ event: event(ANOTHER_KEY), records: [ssoGrant()] });
    expect(answer).toMatchObject({
      status: 'attributed',
      method: 'session-name',
      flags: ['access-key-mismatch'],
      actor: { kind: 'identity-center-user', name: NAME, provider: expect.stringContaining('AWSSSO_') },
    });
  });

  it.each<[string, GrantOptions]>([
    ['by another SAML provider', { request: provider('company') }],
    ['of a role that is merely named AWSReservedSSO_…', { path: '/' }],
    ['by AssumeRole, whoever calls', { eventName: 'AssumeRole', by: iamUser('mallory'), request: {} }],
    ['of another name', { session: 'bob@example.com' }],
    ['with - for @', { session: 'alice-example.com' }],
    ['out of its time', { at: utc('06:00:00'), until: utc('07:00:00') }],
  ])('does not match a grant %s', (_, options) => {
    expect(answerOf({ event: event(ANOTHER_KEY), records: [ssoGrant(options)] }).status).toBe('unattributed');
  });

  it('does not match if the event states no name', () => {
    const user = bareRoleUser('alice-example.com', { roleId: ROLE.roleId, key: ANOTHER_KEY });
    const question = { event: eventBy(user), templates: ['{{SessionName}}'], records: [ssoGrant()] };
    expect(verdictOf(question)).toBe('unattributed access-key-not-seen');
  });

  it('does not match if a grant or a use shows that the key belongs to another session', () => {
    const bobs = { roleId: 'AROABOB00000000000001', session: 'bob', key: ANOTHER_KEY };
    for (const record of [grant(bobs), callBy(roleSession(bobs))]) {
      expect(verdictOf({ event: event(ANOTHER_KEY), records: [ssoGrant(), record] })).toBe(
        'unattributed access-key-contradicts-session',
      );
    }
  });

  it('does not match if the key is known to be out of its time', () => {
    const early = ssoGrant({ key: ANOTHER_KEY, at: utc('06:00:00'), until: utc('07:00:00') });
    expect(verdictOf({ event: event(ANOTHER_KEY), records: [ssoGrant(), early] })).toBe(
      'unattributed outside-session-validity',
    );
  });

  it('matches even if a use of the key began when no known grant did', () => {
    const use = callBy(roleSession({ ...ROLE, session: NAME, key: ANOTHER_KEY, began: utc('11:00:00') }));
    expect(verdictOf({ event: event(ANOTHER_KEY), records: [ssoGrant(), use] })).toBe(BY_NAME);
  });

  it('is found by session start, without a flag, if a use states it', () => {
    const use = callBy(roleSession({ ...ROLE, session: NAME, key: ANOTHER_KEY, began: utc('12:00:00') }));
    expect(answerOf({ event: event(ANOTHER_KEY), records: [ssoGrant(), use] })).toMatchObject({
      method: 'session-start',
      flags: [],
    });
  });
});

describe("Identity Center's session otherwise", () => {
  it('is found by the key that its grant lists', () => {
    expect(answerOf({ event: event(KEY), records: [ssoGrant()] })).toMatchObject({ method: 'access-key', flags: [] });
  });

  it('is found by its name if the event has no key, because AWS chose that name', () => {
    expect(answerOf({ event: event(null), records: [ssoGrant()] })).toMatchObject({
      method: 'session-name',
      flags: [],
    });
  });

  it('may leave out the provider', () => {
    expect(verdictOf({ event: event(ANOTHER_KEY), records: [ssoGrant({ request: {} })] })).toBe(BY_NAME);
  });
});
