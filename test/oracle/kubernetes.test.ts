import { describe, expect, it } from 'vitest';
import { answer, answers, at, event, grant, K1, summaryOf, user } from './cases.ts';

const CART = 'system:serviceaccount:shop:cart';
const OWN = (username: string, credential?: string) => ({
  uid: 'f1',
  username,
  extra: credential === undefined ? {} : { 'authentication.kubernetes.io/credential-id': [credential] },
});
const ISSUED = 'authentication.kubernetes.io/issued-credential-id';
const ALICE = grant(user('alice'));

function issues(id: string, who: object, account = 'shop:cart', given = {}) {
  const [namespace, name] = account.split(':');
  const objectRef = { resource: 'serviceaccounts', subresource: 'token', namespace, name };
  return {
    ...event(),
    auditID: `of-${id}`,
    user: who,
    verb: 'create',
    objectRef,
    annotations: { [ISSUED]: id },
    ...given,
  };
}

const uses = (id: string, given = {}) => ({
  ...event(),
  auditID: 'used',
  user: OWN(CART, id),
  requestReceivedTimestamp: at(20),
  ...given,
});
const BY_ALICE = issues('JTI=1', event({ accessKeyId: [K1] }).user as object);

describe('service account tokens', () => {
  it('have the answer of who obtained them, with the token at the end of the chain', () => {
    const { attribution, caller } = answer([BY_ALICE, uses('JTI=1')], [ALICE]);
    expect(attribution).toMatchObject({
      status: 'attributed',
      method: 'token',
      actor: { name: 'alice' },
      flags: ['token-of-service-account'],
    });
    expect(attribution.chain?.[0]).toMatchObject({ eventName: 'AssumeRole', joinedBy: 'access-key' });
    expect(attribution.chain?.[1]).toEqual({
      eventName: 'TokenRequest',
      eventIds: ['of-JTI=1'],
      serviceAccount: 'shop:cart',
      credentialId: 'JTI=1',
      issuedAt: '2024-05-01T10:00:10Z',
      joinedBy: 'token',
    });
    expect(caller).toEqual({ kind: 'kubernetes-service-account', credentialId: 'JTI=1' });
  });

  it('have the reason and the flags of who obtained them', () => {
    expect(summaryOf(answer([BY_ALICE, uses('JTI=1')]))).toBe(
      'unattributed, no-matching-grant, token-of-service-account',
    );
    const byName = issues('JTI=1', event({ sessionName: ['EKSGetTokenAuth'] }).user as object);
    expect(summaryOf(answer([byName, uses('JTI=1')], [ALICE]))).toBe(
      'attributed, token, iam-user alice, name-chosen-by-caller, token-of-service-account',
    );
  });

  it('have the status system if they were issued to a node', () => {
    expect(summaryOf(answer([issues('JTI=1', OWN('system:node:ip-1')), uses('JTI=1')]))).toBe('system');
  });

  it('belong to one cluster and one account, and are not used long before they are issued', () => {
    const inCluster = (cluster: string, content: object) => ({
      logGroup: `/aws/eks/${cluster}/cluster`,
      logStream: 'kube-apiserver-audit-1',
      logEvents: [{ id: '1', message: JSON.stringify(content) }],
    });
    expect(summaryOf(answer([inCluster('a', BY_ALICE), inCluster('a', uses('JTI=1'))], [ALICE]))).toContain(
      'iam-user alice',
    );
    expect(summaryOf(answer([inCluster('a', BY_ALICE), inCluster('b', uses('JTI=1'))], [ALICE]))).toBe('system');
    expect(
      summaryOf(answer([BY_ALICE, uses('JTI=1', { user: OWN('system:serviceaccount:shop:other', 'JTI=1') })], [ALICE])),
    ).toBe('system');
    const used = (seconds: number) => uses('JTI=1', { requestReceivedTimestamp: at(seconds) });
    expect(summaryOf(answer([BY_ALICE, used(-50)], [ALICE]))).toContain('iam-user alice');
    expect(summaryOf(answer([BY_ALICE, used(-51)], [ALICE]))).toBe('system');
  });

  it('are read by the early annotation, too', () => {
    const early = { annotations: { 'authentication.k8s.io/issued-credential-id': 'JTI=1' } };
    expect(summaryOf(answer([{ ...BY_ALICE, ...early }, uses('JTI=1')], [ALICE]))).toContain('iam-user alice');
  });

  it('are followed from account to account, ten times at most, and in no loop', () => {
    const chain = (hops: number) => [
      BY_ALICE,
      ...Array.from({ length: hops - 1 }, (_, at) => issues(`JTI=${at + 2}`, OWN(CART, `JTI=${at + 1}`))),
      uses(`JTI=${hops}`),
    ];
    expect(
      answer(chain(2), [ALICE])
        .attribution.chain?.map((link) => link.eventIds[0])
        .slice(1),
    ).toEqual(['of-JTI=1', 'of-JTI=2']);
    expect(summaryOf(answer(chain(10), [ALICE]))).toContain('iam-user alice');
    expect(summaryOf(answer(chain(11), [ALICE]))).toBe('system');
    const loop = [issues('JTI=1', OWN(CART, 'JTI=2')), issues('JTI=2', OWN(CART, 'JTI=1')), uses('JTI=2')];
    expect(summaryOf(answer(loop))).toBe('system');
  });

  it('are issued by the copy that states the session name, in whatever order the copies come', () => {
    const lean = issues('JTI=1', event().user as object);
    const full = issues('JTI=1', event({ sessionName: ['EKSGetTokenAuth'] }).user as object);
    for (const order of [
      [lean, full],
      [full, lean],
    ]) {
      expect(summaryOf(answer([...order, uses('JTI=1')], [ALICE]))).toContain('attributed, token, iam-user alice');
    }
  });

  it('show the pod that uses them', () => {
    const pod = { 'pod-name': ['cart-0'], 'pod-uid': ['p1'], 'node-name': ['n1'] };
    const extra = Object.fromEntries(
      Object.entries(pod).map(([key, value]) => [`authentication.kubernetes.io/${key}`, value]),
    );
    expect(answer(event(extra, { user: { uid: 'f1', username: CART } })).caller.pod).toEqual({
      name: 'cart-0',
      uid: 'p1',
      node: 'n1',
    });
  });
});

describe('trusted proxies', () => {
  const byUid = (uid: string) => ({ id: `proxied/name:/${CART}/${uid}`, idBasis: 'principal' });
  const proxied = (username: string, impersonatedUser: object, uid = 'f1') =>
    event({}, { user: { uid, username }, impersonatedUser: { username: 'dora@example.com', ...impersonatedUser } });
  const RANCHER = 'system:serviceaccount:cattle-impersonation-system:cattle-impersonation-*';

  it('are believed only if they are configured', () => {
    const trusting = { trustedProxies: [CART] };
    expect(answer(proxied(CART, { uid: 'd1' }), [], trusting).attribution).toEqual({
      status: 'attributed',
      method: 'proxy',
      provisional: false,
      flags: ['impersonation'],
      actor: { kind: 'proxied-user', name: 'dora@example.com', uid: 'd1', provider: CART, ...byUid('d1') },
    });
    expect(summaryOf(answer(proxied(CART, {})))).toBe(
      'partial, direct, acts-for-impersonated-user, kubernetes-service-account shop:cart, impersonation',
    );
  });

  it('may be a pattern of service accounts, another username, or a role', () => {
    const names = (who: string, proxy: string, uid?: string) =>
      summaryOf(answer(proxied(who, {}, uid), [ALICE], { trustedProxies: [proxy] }));
    const account = 'system:serviceaccount:cattle-impersonation-system:cattle-impersonation';
    expect(names(`${account}-u-1`, RANCHER)).toContain('attributed, proxy, proxied-user dora@example.com');
    expect(names(`${account}-u-1:x`, RANCHER)).not.toContain('proxy');
    expect(names('gate', 'gate')).toContain('attributed, proxy');
    const aws = 'aws-iam-authenticator:111122223333:AROAADMIN00000000001';
    expect(names('gate', 'gate', aws)).not.toContain('proxy');
    expect(names('gate', 'arn:aws:iam::111122223333:role/admin', aws)).toContain('attributed, proxy');
    expect(names('gate', 'arn:aws:iam::111122223333:role/ops', aws)).not.toContain('proxy');
  });

  it('name the first of a chain of impersonations', () => {
    const pinniped = {
      'original-user-info.impersonation-proxy.concierge.pinniped.dev': ['{"username":"erin","uid":"e1"}'],
    };
    const oidc = { 'originaluser.jetstack.io-user': ['erin'] };
    const trusting = { trustedProxies: [CART] };
    const record = answer(proxied(CART, { uid: 'd1', extra: pinniped }), [], trusting);
    expect(record.attribution.actor).toEqual({
      kind: 'proxied-user',
      name: 'erin',
      uid: 'e1',
      provider: CART,
      ...byUid('e1'),
    });
    const first = { username: 'erin', uid: 'e1' };
    expect(record.impersonated).toEqual({ username: 'dora@example.com', uid: 'd1', first, original: 'erin' });
    expect(answer(proxied(CART, { extra: oidc }), [], trusting).attribution.actor?.name).toBe('erin');
    const unbelieved = { username: 'dora@example.com', first: { username: 'erin' } };
    expect(answer(proxied(CART, { extra: oidc })).impersonated).toEqual(unbelieved);
  });

  it('do not vouch for who obtained a token for them', () => {
    const speaks = uses('JTI=1', { impersonatedUser: { username: 'dora@example.com' } });
    expect(summaryOf(answer([BY_ALICE, speaks], [ALICE], { trustedProxies: [CART] }))).toBe(
      'attributed, token, iam-user alice, token-of-service-account, impersonation',
    );
  });
});

describe('text of another origin', () => {
  const inLog = (logGroup: string, logStream: string, content: object) => ({
    logGroup,
    logStream,
    logEvents: [{ message: JSON.stringify(content) }],
  });

  it('is no audit event', () => {
    const count = (group: string, stream: string) => answers([inLog(group, stream, event())]).length;
    expect(count('/aws/eks/prod/cluster', 'kube-apiserver-audit-1')).toBe(1);
    expect(count('/aws/eks/prod/cluster', 'authenticator-1')).toBe(0);
    expect(count('/aws/containerinsights/prod/application', 'kube-apiserver-audit-1')).toBe(0);
  });

  it('is no CloudTrail record', () => {
    const keyed = event({ accessKeyId: [K1] });
    const found = (group: string, stream: string) => summaryOf(answer(keyed, [inLog(group, stream, ALICE)]));
    expect(found('trail', '111122223333_CloudTrail_us-east-1')).toContain('iam-user alice');
    expect(found('trail', 'o-1_111122223333_CloudTrail_us-east-1_2')).toContain('iam-user alice');
    expect(found('trail', 'app')).toBe('unattributed, no-matching-grant');
    expect(found('/aws/lambda/web', '111122223333_CloudTrail_us-east-1')).toBe('unattributed, no-matching-grant');
  });
});
