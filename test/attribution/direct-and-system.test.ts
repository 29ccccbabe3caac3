import { describe, expect, it } from 'vitest';
import { identified } from '../../lib/attribution/actor.ts';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf, verdictOf } from '../builders/answer.ts';
import { eventBy } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { iamUser, userId } from '../builders/trail-callers.ts';
import { callBy, federationGrant, grant, rootGrant } from '../builders/trail-records.ts';

const uid = (rest: string) => `aws-iam-authenticator:${ACCOUNT}:${rest}`;
const ALICE = { uid: uid(userId('alice')), username: 'kubernetes-admin' };
const ROOT = {
  uid: uid(ACCOUNT),
  username: 'root',
  extra: { accessKeyId: [KEY], arn: [`arn:aws:iam::${ACCOUNT}:root`] },
};
const BOB = {
  uid: uid(`${ACCOUNT}:bob`),
  username: 'bob',
  extra: { accessKeyId: [KEY], arn: [`arn:aws:sts::${ACCOUNT}:federated-user/bob`], sessionName: ['bob'] },
};
const FOR_CAROL = { impersonatedUser: { username: 'carol', groups: ['ops'] } };

describe('an IAM user who acts directly', () => {
  it('is the actor, by the ARN of the event', () => {
    const extra = { arn: [`arn:aws:iam::${ACCOUNT}:user/people/alice`], sessionName: [''], accessKeyId: [KEY] };
    expect(answerOf({ event: eventBy({ ...ALICE, extra }) })).toEqual({
      status: 'attributed',
      method: 'direct',
      provisional: false,
      flags: [],
      actor: identified({
        kind: 'iam-user',
        name: 'alice',
        accountId: ACCOUNT,
        principalId: userId('alice'),
        arn: `arn:aws:iam::${ACCOUNT}:user/people/alice`,
      }),
    });
  });

  it('is named by any known record of the AIDA ID if the event has no ARN', () => {
    const records = [callBy(iamUser('alice'), { eventSource: 's3.amazonaws.com', errorCode: 'AccessDenied' })];
    expect(answerOf({ event: eventBy(ALICE), records }).actor).toMatchObject({ name: 'alice' });
    expect(answerOf({ event: eventBy(ALICE) }).actor).toEqual(
      identified({ kind: 'iam-user', accountId: ACCOUNT, principalId: userId('alice') }),
    );
  });
});

describe('the root user', () => {
  it('is the actor if no AssumeRoot issued the key', () => {
    expect(answerOf({ event: eventBy(ROOT) })).toMatchObject({
      status: 'attributed',
      method: 'direct',
      actor: { kind: 'root', name: 'root', accountId: ACCOUNT },
    });
  });

  it.each([ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`])('is whoever called AssumeRoot for %s', (target) => {
    expect(answerOf({ event: eventBy(ROOT), records: [rootGrant(target)] })).toMatchObject({
      status: 'attributed',
      method: 'access-key',
      actor: { kind: 'iam-user', name: 'alice' },
      chain: [{ eventName: 'AssumeRoot' }],
    });
  });

  it('is the actor if the only grant issued another key', () => {
    const records = [rootGrant(ACCOUNT, { key: ANOTHER_KEY })];
    expect(answerOf({ event: eventBy(ROOT), records })).toMatchObject({ method: 'direct', flags: [] });
  });

  it.each<[string, JsonObject]>([
    ['AssumeRoot for another account', rootGrant(OTHER_ACCOUNT)],
    ['a grant of another kind', grant()],
    ['GetFederationToken, although the event has the root user’s ARN', federationGrant('bob')],
  ])('is ambiguous if the key was issued by %s', (_, record) => {
    expect(verdictOf({ event: eventBy(ROOT), records: [record] })).toBe('ambiguous alice or root');
  });

  it('is unattributed if AssumeRoot is known, but out of its time', () => {
    const records = [rootGrant(ACCOUNT, { at: utc('06:00:00'), until: utc('06:15:00') })];
    expect(answerOf({ event: eventBy(ROOT), records })).toMatchObject({
      status: 'unattributed',
      reason: 'outside-session-validity',
    });
    expect(answerOf({ event: eventBy(ROOT, { requestReceivedTimestamp: 'x' }), records })).toMatchObject({
      reason: 'no-event-time',
    });
  });
});

describe('a federated user', () => {
  it.each<[string, JsonObject, string]>([
    ['by the key', BOB, 'access-key'],
    ['by name', { ...BOB, extra: { sessionName: ['bob'] } }, 'session-name'],
  ])('is whoever called GetFederationToken, %s', (_, user, method) => {
    expect(answerOf({ event: eventBy(user), records: [federationGrant('bob')] })).toMatchObject({
      status: 'attributed',
      method,
      actor: { kind: 'iam-user', name: 'alice' },
      chain: [{ eventName: 'GetFederationToken', sessionName: 'bob' }],
    });
  });

  it.each<[string, JsonObject[]]>([
    ['no grant is known', []],
    ['the grant is out of its time', [federationGrant('bob', { at: utc('06:00:00'), until: utc('07:00:00') })]],
  ])('is partial, without a name, if %s', (_, records) => {
    const { status, method, reason, actor } = answerOf({ event: eventBy(BOB), records });
    expect([status, method, reason]).toEqual(['partial', 'direct', 'grant-not-found']);
    expect(actor).toMatchObject({ kind: 'federated-user', sessionName: 'bob', accountId: ACCOUNT });
    expect(actor?.name).toBeUndefined();
  });

  it.each<[string, JsonObject]>([
    ['another user', federationGrant('carol')],
    ['a user of another account', federationGrant('bob', { accountId: OTHER_ACCOUNT })],
  ])('is ambiguous if the key was issued to %s', (_, record) => {
    expect(verdictOf({ event: eventBy(BOB), records: [record] })).toBe('ambiguous alice or federated-user');
  });
});

describe('a user of another authenticator', () => {
  it('is the actor by the username, also when acting for somebody else', () => {
    const user = { uid: 'oidc#1', username: 'alice@example.com' };
    expect(answerOf({ event: eventBy(user, FOR_CAROL) })).toEqual({
      status: 'attributed',
      method: 'direct',
      provisional: false,
      flags: ['impersonation'],
      actor: identified({ kind: 'kubernetes-user', name: 'alice@example.com' }),
    });
  });
});

it('an actor with a very long username is cut like the caller, so that it can be stored and searched', () => {
  const username = 'x'.repeat(450_000);
  const oidc = answerOf({ event: eventBy({ uid: 'oidc#1', username }) });
  expect(oidc.actor?.name).toBe(`${'x'.repeat(1_023)}…`);
  const account = { uid: 'u', username: `system:serviceaccount:argocd:${username}` };
  expect(answerOf({ event: eventBy(account, FOR_CAROL) }).actor?.name).toHaveLength(1_024);
});

const SYSTEM_CALLERS: [string, JsonObject][] = [
  ['a service account', { uid: 'u', username: 'system:serviceaccount:argocd:controller' }],
  ['a node', { username: 'system:node:ip-10-0-0-1' }],
  ["one of Kubernetes' own", { username: 'system:kube-scheduler' }],
  ['a service of EKS', { username: 'eks:node-manager' }],
  [
    'a service of EKS with its own uid',
    { uid: uid('administrative:eks:addon-manager'), username: 'eks:addon-manager' },
  ],
  [
    'a node by its role, if no grant of the role is known',
    { uid: uid('AROANODE0001'), username: 'system:node:ip-10-0-0-1' },
  ],
];

describe('system is', () => {
  it.each([...SYSTEM_CALLERS, ['nobody who signed in', { username: 'system:anonymous' }] as const])('%s', (_, user) => {
    const event = eventBy(user, { userAgent: 'kubelet/v1.33.1', responseStatus: { code: 403 } });
    expect(answerOf({ event })).toEqual({ status: 'system', provisional: false, flags: [] });
  });

  it.each<[string, JsonObject]>([
    ['another service account', { username: 'system:serviceaccount:ns:app' }],
    ['a node', { username: 'system:node:x' }],
    ['nobody', { username: '' }],
    ['only groups', { groups: ['ops'] }],
  ])('also a service account that acts for %s', (_, impersonatedUser) => {
    const user = { username: 'system:serviceaccount:argocd:controller' };
    expect(answerOf({ event: eventBy(user, { impersonatedUser }) })).toMatchObject({
      status: 'system',
      flags: ['impersonation'],
    });
  });

  it('also an unauthenticated caller that would act for somebody', () => {
    expect(answerOf({ event: eventBy({ username: 'system:anonymous' }, FOR_CAROL) }).status).toBe('system');
  });
});

describe('a system caller that acts for a user outside system:', () => {
  const names = [
    'argocd:controller',
    'system:node:ip-10-0-0-1',
    'system:kube-scheduler',
    'eks:node-manager',
    'eks:addon-manager',
    'system:node:ip-10-0-0-1',
  ];
  const kinds = [
    'kubernetes-service-account',
    'kubernetes-node',
    'kubernetes-system',
    'eks-service',
    'eks-service',
    'kubernetes-node',
  ] as const;
  it.each(kinds.map((kind, at) => [SYSTEM_CALLERS[at]?.[0], SYSTEM_CALLERS[at]?.[1] ?? {}, kind, names[at]] as const))(
    'is partial, and the caller is the actor: %s',
    (_, user, kind, name) => {
      const uid = kind === 'kubernetes-service-account' && typeof user.uid === 'string' ? { uid: user.uid } : {};
      expect(answerOf({ event: eventBy(user, { ...FOR_CAROL, userAgent: 'kubelet/v1.33.1' }) })).toEqual({
        status: 'partial',
        method: 'direct',
        provisional: false,
        reason: 'acts-for-impersonated-user',
        flags: ['impersonation'],
        actor: identified({ kind, name, ...uid }),
      });
    },
  );
});

describe('a malformed identity', () => {
  it('is unattributed, whichever grants are known and whatever name it states', () => {
    for (const username of ['alice', 'system:node:x', 'eks:x']) {
      expect(answerOf({ event: eventBy({ uid: uid('x'), username }), records: [grant()] })).toEqual({
        status: 'unattributed',
        provisional: false,
        reason: 'malformed-identity',
        flags: [],
      });
    }
  });

  it('has that reason before all others', () => {
    const event = eventBy({ uid: uid('x'), username: 'alice' }, { requestReceivedTimestamp: 'x' });
    expect(answerOf({ event }).reason).toBe('malformed-identity');
  });
});

describe('the root user, if somebody assumed its session', () => {
  const event = eventBy({ uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`, extra: { accessKeyId: KEY } });
  const use = (fields: JsonObject) =>
    callBy({
      type: 'Root',
      principalId: ACCOUNT,
      accountId: ACCOUNT,
      accessKeyId: KEY,
      sessionContext: { attributes: { creationDate: utc('12:00:00') }, ...fields },
    });

  it('is not the actor, even if the grant is not known', () => {
    expect(answerOf({ event, records: [use({})] })).toMatchObject({ status: 'attributed', actor: { kind: 'root' } });
    expect(answerOf({ event, records: [use({ assumedRoot: 'true' })] })).toMatchObject({
      status: 'unattributed',
      reason: 'no-matching-grant',
    });
  });
});
