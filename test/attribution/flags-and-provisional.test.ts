import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf } from '../builders/answer.ts';
import { auditEvent, bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { iamUser, roleSession, samlUser, userId } from '../builders/trail-callers.ts';
import { callBy, federationGrant, type GrantOptions, grant } from '../builders/trail-records.ts';

const noKey = eventBy(roleUser({ key: null }));
const bob = callBy(iamUser('bob'));

describe('name-chosen-by-caller', () => {
  it.each<[string, JsonObject, GrantOptions]>([
    ['a stated name', noKey, {}],
    ['a name from the username', eventBy(bareRoleUser('a:alice-0001')), { session: 'alice-0001' }],
  ])('is set on an answer by %s', (_, event, options) => {
    expect(answerOf({ event, records: [grant(options)] }).flags).toEqual(['name-chosen-by-caller']);
  });

  it('is not set on an answer by access key', () => {
    expect(answerOf({ event: auditEvent(), records: [grant()] }).flags).toEqual([]);
  });

  it('is not set if there are several candidates, because no name was believed', () => {
    const records = [grant(), grant({ by: iamUser('bob'), key: ANOTHER_KEY })];
    expect(answerOf({ event: noKey, records })).toMatchObject({ status: 'ambiguous', flags: [] });
  });
});

describe('session-name-claims-other-actor', () => {
  const named = (session: string, by = iamUser('alice')) => ({
    event: eventBy(roleUser({ session })),
    grant: grant({ session, by }),
  });

  it.each<[string, JsonObject]>([
    ['an IAM user', bob],
    ['an Identity Center user', callBy({ type: 'IdentityCenterUser', userName: 'bob' })],
    [
      'whom Identity Center granted a role',
      grant({
        by: samlUser('bob'),
        eventName: 'AssumeRoleWithSAML',
        path: '/aws-reserved/sso.amazonaws.com/',
        key: null,
        session: 'x',
      }),
    ],
  ])("is set if alice's session has the name of %s", (_, known) => {
    const { event, grant } = named('bob');
    expect(answerOf({ event, records: [grant, known] })).toMatchObject({
      actor: { name: 'alice' },
      flags: ['session-name-claims-other-actor'],
    });
  });

  it.each<[string, string]>([
    ['in another case', 'BOB'],
    ['with @ as -', 'bob-example.com'],
  ])('is set if the name is written %s', (_, session) => {
    const { event, grant } = named(session);
    const known = [bob, callBy(iamUser('bob@example.com'))];
    expect(answerOf({ event, records: [grant, ...known] }).flags).toEqual(['session-name-claims-other-actor']);
  });

  it.each<[string, string, JsonObject[]]>([
    ['has her own name', 'alice', [bob]],
    ['has a name that nobody known has', 'carol', [bob]],
    ['has the name of a federated user, which its caller chose', 'bob', [federationGrant('bob', { key: null })]],
    [
      'has the name of a SAML user of another provider',
      'bob',
      [grant({ by: samlUser('bob'), eventName: 'AssumeRoleWithSAML', key: null, session: 'x' })],
    ],
  ])('is not set if her session %s', (_, session, known) => {
    const { event, grant } = named(session);
    expect(answerOf({ event, records: [grant, ...known] }).flags).toEqual([]);
  });

  it('is not set if the actor is unknown', () => {
    const { event, grant } = named('bob', roleSession({ roleId: 'AROAJUMP0000000000001', session: 'bob' }));
    expect(answerOf({ event, records: [grant, bob] })).toMatchObject({ status: 'partial', flags: [] });
  });

  it("is set for the cluster's session only, not for those before it", () => {
    const jump = { roleId: 'AROAJUMP0000000000001', roleName: 'jump', session: 'bob', key: ANOTHER_KEY };
    const records = [grant({ by: roleSession({ ...jump, began: null }) }), grant(jump), bob];
    expect(answerOf({ event: auditEvent(), records }).flags).toEqual([]);
  });
});

describe('source-identity-claims-other-actor', () => {
  it('is set if the source identity has the name of another known user', () => {
    const records = [grant({ response: { sourceIdentity: 'bob' } }), bob];
    expect(answerOf({ event: auditEvent(), records }).flags).toEqual(['source-identity-claims-other-actor']);
  });

  it("is not set for the actor's own name, or for a name that no known user has", () => {
    for (const sourceIdentity of ['alice', 'carol']) {
      const records = [grant({ response: { sourceIdentity } }), bob];
      expect(answerOf({ event: auditEvent(), records }).flags).toEqual([]);
    }
  });
});

describe('flags', () => {
  it('come in one order', () => {
    const user = roleUser({ key: null, session: 'bob', username: 'system:node:x' });
    const event = eventBy(user, { impersonatedUser: { username: 'carol' } });
    const records = [grant({ session: 'bob', response: { sourceIdentity: 'bob' } }), bob];
    expect(answerOf({ event, records }).flags).toEqual([
      'name-chosen-by-caller',
      'node-role-used-by-person',
      'impersonation',
      'session-name-claims-other-actor',
      'source-identity-claims-other-actor',
    ]);
  });

  it.each<[string, JsonObject, JsonObject[]]>([
    ['attributed', auditEvent(), [grant()]],
    ['unattributed', auditEvent(), []],
    ['ambiguous', auditEvent(), [grant(), grant({ by: iamUser('bob') })]],
    ['system', eventBy({ username: 'system:kube-scheduler' }), []],
  ])('say on an answer that is %s that the caller acts for another user', (status, event, records) => {
    const impersonating = { ...event, impersonatedUser: { username: 'system:masters' } };
    expect(answerOf({ event: impersonating, records })).toMatchObject({ status, flags: ['impersonation'] });
  });
});

const jump = { roleId: 'AROAJUMP0000000000001', roleName: 'jump', session: 'x', key: ANOTHER_KEY };
const uid = (rest: string) => `aws-iam-authenticator:${ACCOUNT}:${rest}`;

describe('before its claim is settled, an answer', () => {
  it.each<[string, JsonObject, JsonObject[], string]>([
    ['by access key up to a person', auditEvent(), [grant()], 'attributed'],
    ['on an IAM user who acts directly', eventBy({ uid: uid(userId('alice')) }), [], 'attributed'],
    ['on a user of another authenticator', eventBy({ username: 'alice' }), [], 'attributed'],
    ['on a service account', eventBy({ username: 'system:serviceaccount:a:b' }), [], 'system'],
    ['on a malformed identity', eventBy({ uid: uid('x') }), [], 'unattributed'],
    ['without a readable time', auditEvent({ requestReceivedTimestamp: 'x' }), [grant()], 'unattributed'],
    [
      'on root with a long-term key',
      eventBy({ uid: uid(ACCOUNT), extra: { accessKeyId: 'AKIAROOT000000000001' } }),
      [],
      'attributed',
    ],
  ])('%s is final', (_, event, records, status) => {
    expect(answerOf({ event, records, settled: false })).toMatchObject({ status, provisional: false });
  });

  it.each<[string, JsonObject, JsonObject[], string]>([
    ['by name', noKey, [grant()], 'attributed'],
    ['by the username', eventBy(bareRoleUser('a:alice-0001')), [grant({ session: 'alice-0001' })], 'attributed'],
    [
      'by access key and by session start up to a person',
      auditEvent(),
      [grant({ by: roleSession({ ...jump, key: null }) }), grant({ ...jump, at: utc('11:00:00') })],
      'attributed',
    ],
    ['by access key up to a role session', auditEvent(), [grant({ by: roleSession(jump) })], 'partial'],
    ['that leaves several open', auditEvent(), [grant(), grant({ by: iamUser('bob') })], 'ambiguous'],
    ['on a federated user without a grant', eventBy({ uid: uid(`${ACCOUNT}:bob`) }), [], 'partial'],
    ['on root with a temporary key', eventBy({ uid: uid(ACCOUNT), extra: { accessKeyId: KEY } }), [], 'attributed'],
    ['that names nobody', auditEvent(), [], 'pending'],
    ['on a key out of its time', auditEvent(), [grant({ at: utc('06:00:00'), until: utc('07:00:00') })], 'pending'],
  ])('%s is provisional', (_, event, records, status) => {
    const answer = answerOf({ event, records, settled: false });
    expect(answer.provisional).toBe(true);
    expect(answer.status).toBe(status);
    expect(answerOf({ event, records, settled: true }).provisional).toBe(false);
  });

  it('gives no reason while it is pending', () => {
    expect(answerOf({ event: auditEvent(), settled: false })).toEqual({
      status: 'pending',
      provisional: true,
      flags: [],
    });
  });
});
