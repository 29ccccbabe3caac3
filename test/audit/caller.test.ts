import { describe, expect, it } from 'vitest';
import { parseCaller, parseImpersonatedUser } from '../../lib/audit/caller.ts';
import type { JsonObject } from '../../lib/json.ts';
import { roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, ROLE_ID } from '../builders/company.ts';

const uid = (rest: string) => `aws-iam-authenticator:${ACCOUNT}:${rest}`;
const ROLE = uid(ROLE_ID);

describe('the kind of a caller', () => {
  it.each([
    ['a role session', 'role-session', { uid: ROLE, username: 'admin' }],
    ['a node by its role', 'kubernetes-node', { uid: ROLE, username: 'system:node:ip-10-0-0-1' }],
    ['a service of EKS by its role', 'eks-service', { uid: ROLE, username: 'eks:node-manager' }],
    ['a role session without a username', 'role-session', { uid: ROLE }],
    ['a role session that a mapping calls system:masters', 'role-session', { uid: ROLE, username: 'system:masters' }],
    ['an IAM user', 'iam-user', { uid: uid('AIDAALICE0001'), username: 'alice' }],
    ['an IAM user that is mapped to a node', 'iam-user', { uid: uid('AIDAALICE0001'), username: 'system:node:x' }],
    ['root', 'root', { uid: uid(ACCOUNT), username: 'root' }],
    ['a federated user', 'federated-user', { uid: uid(`${ACCOUNT}:bob`), username: 'bob' }],
    ['a service of EKS by its own uid', 'eks-service', { uid: uid('administrative:eks:x'), username: 'eks:x' }],
    ['a malformed identity', 'malformed', { uid: uid('alice'), username: 'alice' }],
    ['a malformed identity with a system name', 'malformed', { uid: uid(''), username: 'system:node:x' }],
    ['a service account', 'kubernetes-service-account', { uid: 'u', username: 'system:serviceaccount:ns:app' }],
    ['a node without a uid', 'kubernetes-node', { username: 'system:node:ip-10-0-0-1' }],
    ['nobody who signed in', 'anonymous', { username: 'system:anonymous' }],
    ['nobody at all', 'anonymous', {}],
    ['a user of another authenticator without a name', 'kubernetes-user', { uid: '1', username: '' }],
    ["one of Kubernetes' own", 'kubernetes-system', { username: 'system:kube-scheduler' }],
    ['a service of EKS without a uid', 'eks-service', { username: 'eks:kms-storage-migrator' }],
    ['a user of another authenticator', 'kubernetes-user', { uid: 'oidc#1', username: 'alice@example.com' }],
  ] satisfies [string, string, JsonObject][])('with %s is %s', (_, kind, user) => {
    expect(parseCaller(user).kind).toBe(kind);
  });
});

describe('a caller', () => {
  it('has what the authenticator states about its session', () => {
    expect(parseCaller(roleUser({ session: 'alice@example.com' }))).toMatchObject({
      accountId: ACCOUNT,
      roleId: ROLE_ID,
      sessionName: 'alice@example.com',
      accessKeyId: KEY,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/project-admin/alice@example.com`,
      canonicalArn: `arn:aws:iam::${ACCOUNT}:role/project-admin`,
    });
  });

  it.each([
    ['arrays', { accessKeyId: [KEY], sessionName: ['alice'] }],
    ['bare strings', { accessKeyId: KEY, sessionName: 'alice' }],
    ['keys in lower case', { accesskeyid: [KEY], sessionname: ['alice'] }],
    ['keys in upper case', { ACCESSKEYID: [KEY], SESSIONNAME: ['alice'] }],
    ['arrays of several', { accessKeyId: [KEY, 'ASIASECOND0000000002'], sessionName: ['alice', 'bob'] }],
  ] satisfies [string, JsonObject][])('is read from extra with %s', (_, extra) => {
    expect(parseCaller({ uid: ROLE, username: 'admin', extra })).toMatchObject({
      accessKeyId: KEY,
      sessionName: 'alice',
    });
  });

  it.each([
    ['has no extra', undefined],
    ['has an empty extra', {}],
    ['has an extra that is a list', ['accessKeyId']],
    ['has empty arrays', { accessKeyId: [], sessionName: [], arn: [] }],
    ['has empty texts', { accessKeyId: [''], sessionName: [''], arn: '' }],
    ['has numbers', { accessKeyId: [7], sessionName: 7, arn: [null] }],
    ['has placeholders for keys', { accessKeyId: ['AAAAAAAAAAAAAAAA'], sessionName: [''] }],
  ])('states neither key nor name if it %s', (_, extra) => {
    const caller = parseCaller({ uid: ROLE, username: 'admin', extra });
    expect([caller.accessKeyId, caller.sessionName, caller.arn]).toEqual([undefined, undefined, undefined]);
  });

  it('has the name from extra.sessionName before extra.arn', () => {
    const extra = { sessionName: ['alice'], arn: [`arn:aws:sts::${ACCOUNT}:assumed-role/admin/bob`] };
    expect(parseCaller({ uid: ROLE, extra }).sessionName).toBe('alice');
  });

  it('has the name after the last slash of extra.arn if extra.sessionName is empty', () => {
    const extra = { sessionName: [''], arn: [`arn:aws:sts::${ACCOUNT}:assumed-role/admin/bob`] };
    expect(parseCaller({ uid: ROLE, extra }).sessionName).toBe('bob');
  });

  it('has no session name if it is an IAM user with an empty sessionName', () => {
    const extra = { sessionName: [''], arn: [`arn:aws:iam::${ACCOUNT}:user/alice`] };
    expect(parseCaller({ uid: uid('AIDAALICE0001'), extra }).sessionName).toBeUndefined();
  });

  it.each([
    ['by the ARN', { arn: [`arn:aws:sts::${ACCOUNT}:federated-user/bob`] }],
    ['by the session name', { sessionName: ['bob'] }],
  ] satisfies [string, JsonObject][])('with the uid of root is a federated user %s', (_, extra) => {
    expect(parseCaller({ uid: uid(ACCOUNT), extra })).toMatchObject({ kind: 'federated-user', sessionName: 'bob' });
  });

  it('is root with the ARN of root', () => {
    const extra = { arn: [`arn:aws:iam::${ACCOUNT}:root`], sessionName: [''] };
    expect(parseCaller({ uid: uid(ACCOUNT), extra })).toMatchObject({ kind: 'root', accountId: ACCOUNT });
  });

  it('keeps the groups that are texts', () => {
    expect(parseCaller({ username: 'alice', groups: ['a', 7, null, 'b'] }).groups).toEqual(['a', 'b']);
    expect(parseCaller({ username: 'alice', groups: 'a' }).groups).toBeUndefined();
  });

  it('treats values of the wrong type as absent', () => {
    const caller = parseCaller({ uid: 7, username: ['alice'], groups: {}, extra: 'x' });
    expect(caller).toMatchObject({ kind: 'anonymous', uid: undefined, username: undefined });
  });

  it('is not misled by keys that belong to every object', () => {
    const user: unknown = JSON.parse(`{"uid":"${ROLE}","__proto__":{"username":"eks:x"},"extra":{"__proto__":{}}}`);
    expect(parseCaller(user as JsonObject)).toMatchObject({ kind: 'role-session', username: undefined });
  });
});

describe('an impersonated user', () => {
  it('has a name and groups, which the client writes', () => {
    const impersonatedUser = { username: 'bob', groups: ['ops'], extra: { accessKeyId: [KEY] } };
    expect(parseImpersonatedUser({ impersonatedUser })).toEqual({ username: 'bob', groups: ['ops'] });
  });

  it.each([{}, { impersonatedUser: null }, { impersonatedUser: 'bob' }, { impersonatedUser: [] }])(
    'is absent in %j',
    (event) => expect(parseImpersonatedUser(event)).toBeUndefined(),
  );
});
