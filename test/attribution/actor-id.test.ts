import { describe, expect, it } from 'vitest';
import { actorId } from '../../lib/attribution/actor-id.ts';
import type { StatedActor } from '../../lib/attribution/stated-actor.ts';
import { type ClusterFields, clusterKeyOf } from '../../lib/identity/cluster.ts';

const PROD: ClusterFields = { cluster: 'prod', clusterArn: 'arn:aws:eks:eu-west-1:111122223333:cluster/prod' };
const PROD_KEY = 'arn:aws:eks:eu-west-1:111122223333:cluster%2Fprod';
const accountId = '111122223333';
const provider = `arn:aws:iam::${accountId}:saml-provider/corp`;
const github = 'token.actions.githubusercontent.com';
const idOf = (actor: StatedActor, cluster = PROD) => {
  const { id, idBasis } = actorId(actor, clusterKeyOf(cluster));
  return `${id} (${idBasis})`;
};

describe('the id of', () => {
  it.each<[string, StatedActor, string]>([
    [
      'an IAM user',
      { kind: 'iam-user', name: 'ana', accountId, principalId: 'AIDAANA', arn: `arn:aws:iam::${accountId}:user/ana` },
      `iam-user/${accountId}/AIDAANA (principal)`,
    ],
    [
      'an IAM user without a known name',
      { kind: 'aws-account-principal', accountId, principalId: 'AIDAANA' },
      `iam-user/${accountId}/AIDAANA (principal)`,
    ],
    [
      'an IAM user without a principal id',
      { kind: 'iam-user', name: 'ana', accountId },
      `iam-user-name/${accountId}/ana (name)`,
    ],
    [
      'an IAM user, if only the account is known',
      { kind: 'iam-user', accountId },
      `unnamed/iam-user/${accountId} (session)`,
    ],
    ['a user, if nothing is known', { kind: 'iam-user' }, 'unnamed/iam-user/- (session)'],
    [
      'a SAML user of a provider that is not known',
      { kind: 'saml-user', name: 'ana', principalId: 'kxq3=:ana' },
      'unnamed/saml-user/kxq3%3D:ana (session)',
    ],
    [
      'a role, if no session is known',
      { kind: 'role-session', accountId, arn: `arn:aws:iam::${accountId}:role/ops` },
      `unnamed/role-session/arn:aws:iam::${accountId}:role%2Fops (session)`,
    ],
    ['the root user', { kind: 'root', name: 'root', accountId }, `root/${accountId} (principal)`],
    [
      'an Identity Center user',
      { kind: 'identity-center-user', name: 'ana', directory: 'd-1234567890', userId: '906b' },
      'idc/d-1234567890/906b (principal)',
    ],
    [
      'an Identity Center user of a SAML grant',
      { kind: 'identity-center-user', name: 'ana@example.com', provider },
      `idc-name/arn:aws:iam::${accountId}:saml-provider%2Fcorp/ana@example.com (name)`,
    ],
    [
      'a SAML user',
      { kind: 'saml-user', name: 'CORP\\ana', provider, nameIdFormat: 'persistent' },
      `saml/arn:aws:iam::${accountId}:saml-provider%2Fcorp/CORP%5Cana (principal)`,
    ],
    [
      'a SAML user with a transient name',
      { kind: 'saml-user', name: '_83a1', provider, nameIdFormat: 'transient', sessionName: 'ana' },
      `saml-session/arn:aws:iam::${accountId}:saml-provider%2Fcorp/ana (session)`,
    ],
    [
      'a web identity, the same in each account',
      { kind: 'web-identity-user', name: 'repo:a/b', provider: `arn:aws:iam::${accountId}:oidc-provider/${github}` },
      `oidc/${github}/repo:a%2Fb (principal)`,
    ],
    [
      'a web identity of an issuer without an ARN',
      { kind: 'web-identity-user', name: 'repo:a/b', provider: `https://${github}` },
      `oidc/${github}/repo:a%2Fb (principal)`,
    ],
    [
      'a federated user',
      { kind: 'federated-user', accountId, sessionName: 'bob' },
      `federated/${accountId}/bob (session)`,
    ],
    [
      'a service, whatever its workload',
      { kind: 'aws-service', name: 'ec2.amazonaws.com', roleArn: 'arn:aws:iam::1:role/node', workload: 'i-1' },
      'service/ec2.amazonaws.com/arn:aws:iam::1:role%2Fnode (principal)',
    ],
    [
      'a session of another account',
      { kind: 'aws-account-principal', accountId, principalId: 'AROAOPS:ana' },
      'role-session/AROAOPS/ana (session)',
    ],
    [
      'a role session',
      { kind: 'role-session', accountId, principalId: 'AROAOPS:ana', sessionName: 'ana' },
      'role-session/AROAOPS/ana (session)',
    ],
    [
      'a role session, if only the ARN is known',
      { kind: 'role-session', arn: 'arn:aws:sts::1:assumed-role/ops/ana', sessionName: 'ana' },
      'role-session/arn:aws:iam::1:role%2Fops/ana (session)',
    ],
    ['a Kubernetes user', { kind: 'kubernetes-user', name: 'ana' }, `k8s-user/${PROD_KEY}/ana (principal)`],
    [
      'a service account',
      { kind: 'kubernetes-service-account', name: 'argocd:server', uid: '5f0c' },
      `k8s-sa/${PROD_KEY}/argocd/server (principal)`,
    ],
    [
      'a node',
      { kind: 'kubernetes-node', name: 'system:node:ip-1' },
      `k8s-system/${PROD_KEY}/system:node:ip-1 (principal)`,
    ],
    ['an EKS service', { kind: 'eks-service', name: 'eks:x' }, `k8s-system/${PROD_KEY}/eks:x (principal)`],
    [
      'a person behind a proxy',
      { kind: 'proxied-user', name: 'ana', uid: 'u-1', provider: 'teleport' },
      `proxied/${PROD_KEY}/teleport/u-1 (principal)`,
    ],
    [
      'a person behind a proxy that states no uid',
      { kind: 'proxied-user', name: 'ana', provider: 'teleport' },
      `proxied-name/${PROD_KEY}/teleport/ana (name)`,
    ],
  ])('%s', (_, actor, expected) => expect(idOf(actor)).toBe(expected));

  it('a Kubernetes user is another one in a cluster of the same name', () => {
    const ana: StatedActor = { kind: 'kubernetes-user', name: 'ana' };
    expect(idOf(ana, { cluster: 'prod' })).toBe('k8s-user/name:prod/ana (principal)');
    expect(idOf(ana, {})).toBe('k8s-user/name:/ana (principal)');
  });

  it('a person behind a proxy has another id than somebody whose name is the person’s uid', () => {
    const [byUid, byName] = [{ name: 'ana', uid: 'bob' }, { name: 'bob' }].map((stated) =>
      idOf({ kind: 'proxied-user', provider: 'teleport', ...stated }),
    );
    expect(byUid).not.toBe(byName);
  });

  it('no text that looks like several parts, or that has no encoding, gives somebody another person’s id', () => {
    const named = (name: string) => idOf({ kind: 'kubernetes-user', name }, {});
    expect(named('a/b')).toBe('k8s-user/name:/a%2Fb (principal)');
    expect(named('a%2Fb')).toBe('k8s-user/name:/a%252Fb (principal)');
    expect(named("ä!'()* \ud800")).toBe('k8s-user/name:/%C3%A4%21%27%28%29%2A%20%EF%BF%BD (principal)');
  });
});
