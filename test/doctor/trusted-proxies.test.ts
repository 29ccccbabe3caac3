import { describe, expect, test } from 'vitest';
import {
  type Impersonation,
  Impersonations,
  impersonationOf,
  impersonators,
  proposedProxies,
  readImpersonation,
} from '../../lib/doctor/trusted-proxies.ts';
import { parseTrustedProxy } from '../../lib/identity/trusted-proxy.ts';

const SA = 'system:serviceaccount:';
const ROLE_UID = 'aws-iam-authenticator:111122223333:AROAEXAMPLEEXAMPLE123';

interface ImpersonatedEvent {
  readonly user?: object;
  readonly as?: string | undefined;
  readonly extra?: object;
  readonly cluster?: string;
}

function seen({ user = {}, as = 'alice', extra, cluster }: ImpersonatedEvent): Impersonation | undefined {
  return impersonationOf({ auditID: '1', user: { ...user }, impersonatedUser: { username: as, extra } }, cluster);
}

function found(...events: readonly ImpersonatedEvent[]) {
  const all = new Impersonations();
  for (const one of events) all.add(seen(one));
  return impersonators(all.all());
}

const by = (username: string, rest: Omit<ImpersonatedEvent, 'user'> = {}): ImpersonatedEvent => ({
  user: { username },
  ...rest,
});

describe('a proxy in use is suggested', () => {
  test.each([
    ['Rancher', `${SA}cattle-impersonation-system:cattle-impersonation-u-b4qkhsnliz`],
    ["Pinniped's concierge", `${SA}pinniped-concierge:pinniped-concierge-impersonation-proxy`],
    ["Pinniped's concierge", `${SA}concierge:my-pinniped-impersonation-proxy`],
    ['kube-oidc-proxy', `${SA}kube-oidc-proxy:kube-oidc-proxy`],
    ['kube-oidc-proxy', `${SA}auth:prod-kube-oidc-proxy`],
    ["Tailscale's operator", `${SA}tailscale:operator`],
    ["Tailscale's operator", `${SA}tailscale:kube-apiserver-auth-proxy`],
    ['Teleport', `${SA}teleport:teleport-kube-agent`],
    ['Teleport', `${SA}teleport-agent:agent`],
    ["GitLab's agent", `${SA}gitlab-agent-prod:gitlab-agent`],
    [undefined, `${SA}tools:portal`],
    [undefined, `${SA}operators:operator`],
  ])('%s, by its service account %s', (tool, username) => {
    const [one, ...others] = found(by(username));
    expect(others).toEqual([]);
    expect(one?.tool).toBe(tool);
    expect(one?.proposed).toBe(true);
    expect(one?.means).toMatch(/^Whoever controls .*, or may create pods with .*, can act under any name\./);
    const proxy = parseTrustedProxy(one?.proxy ?? '');
    expect(username).toMatch(proxy.username ?? /^nobody$/);
  });

  test.each([
    ["Pinniped's concierge", 'original-user-info.impersonation-proxy.concierge.pinniped.dev'],
    ["Pinniped's concierge", 'Original-User-Info.Impersonation-Proxy.concierge.pinniped.dev'],
    ['kube-oidc-proxy', 'originaluser.jetstack.io-user'],
    ["GitLab's agent", 'agent.gitlab.com/id'],
    [undefined, 'scopes'],
  ])('%s, by what it writes (%s) where its service account bears another name', (tool, key) => {
    expect(found(by(`${SA}tools:front`, { extra: { [key]: ['x'] } }))).toMatchObject([
      { caller: `${SA}tools:front`, proposed: true, ...(tool && { tool }) },
    ]);
  });

  test('as one pattern for all service accounts of Rancher, while those of others stay separate', () => {
    const rancher = ['u-a', 'u-b', 'u-c', 'u-d'].map((id) =>
      by(`${SA}cattle-impersonation-system:cattle-impersonation-${id}`, { as: id, cluster: 'prod' }),
    );
    const all = found(...rancher, by(`${SA}tools:a`), by(`${SA}tools:b`), by(`${SA}tools:b`));
    const pattern = `${SA}cattle-impersonation-system:cattle-impersonation-*`;
    expect(all[0]).toMatchObject({
      caller: pattern,
      events: 4,
      names: ['u-a', 'u-b', 'u-c'],
      more: true,
      clusters: ['prod'],
    });
    expect(proposedProxies(all)).toEqual([pattern, `${SA}tools:b`, `${SA}tools:a`]);
  });

  test('once, in however many clusters it was seen', () => {
    const clusters = ['prod', 'qa', 'prod'].map((cluster) => by(`${SA}tailscale:operator`, { cluster }));
    expect(found(...clusters)).toMatchObject([{ events: 3, names: ['alice'], more: false, clusters: ['prod', 'qa'] }]);
  });
});

describe('a caller that may be a person with kubectl --as is shown, and not suggested', () => {
  const EXTRA = { arn: ['arn:aws:sts::111122223333:assumed-role/ops/alice'], accessKeyId: ['ASIAEXAMPLEEXAMPLE12'] };
  test.each<[string, object, string | undefined, RegExp]>([
    [
      'a role',
      { username: 'ops', uid: ROLE_UID, extra: { canonicalArn: ['arn:aws:iam::111122223333:role/ops'] } },
      'arn:aws:iam::111122223333:role/ops',
      /^Anyone with a session of the role could act under any name/,
    ],
    ['a role, by its session', { uid: ROLE_UID, extra: EXTRA }, 'arn:aws:iam::111122223333:role/ops', /^Anyone with/],
    ['a role that is not stated', { username: 'ops', uid: ROLE_UID }, undefined, /do not state its role/],
    [
      'a role that aws-auth calls a service account',
      { username: `${SA}tailscale:operator`, uid: ROLE_UID },
      undefined,
      /do not state its role/,
    ],
    [
      'an IAM user',
      { username: 'alice', uid: 'aws-iam-authenticator:111122223333:AIDAEXAMPLEEXAMPLE123' },
      undefined,
      /role of its own/,
    ],
    ['the root user', { uid: 'aws-iam-authenticator:111122223333:111122223333' }, undefined, /role of its own/],
    ['an OIDC user', { username: 'https://idp#bob' }, 'https://idp#bob', /^It may be a person/],
    ['a user whose name would be a pattern', { username: 'idp:*' }, undefined, /^It may be a person/],
    [
      'a component',
      { username: 'system:kube-controller-manager' },
      undefined,
      /^It is a component of the cluster or of AWS/,
    ],
    ['nobody', {}, undefined, /^It has no username/],
  ])('%s', (_, user, proxy, means) => {
    const [one, ...others] = found({ user });
    expect(others).toEqual([]);
    expect(one).toMatchObject({ proposed: false, means: expect.stringMatching(means) });
    expect(one?.proxy).toBe(proxy);
    expect(proposedProxies(found({ user }))).toEqual([]);
  });

  test('AWS’s staff are named as such', () => {
    expect(found(by('eks:support-engineer'))).toMatchObject([{ caller: "eks:support-engineer (AWS's staff)" }]);
  });

  test('a proxy’s mark makes no proxy of a role', () => {
    const extra = { 'originaluser.jetstack.io-user': ['bob'] };
    const [one] = found({ user: { uid: ROLE_UID, extra: EXTRA }, extra });
    expect(one).toMatchObject({ proposed: false });
    expect(one).not.toHaveProperty('tool');
  });
});

describe('no impersonation of people is reported for', () => {
  test.each<[string, object]>([
    ['an event of the caller itself', { user: { username: `${SA}a:b` } }],
    ['that of a component', { user: { username: 'a' }, impersonatedUser: { username: `${SA}a:b` } }],
    ['one without a name', { user: { username: 'a' }, impersonatedUser: { groups: ['x'] } }],
    ['one of a wrong type', { user: { username: 'a' }, impersonatedUser: 'alice' }],
    ['one by no user', { impersonatedUser: { username: 'alice' } }],
    ['one within a body', { user: { username: 'a' }, requestObject: { impersonatedUser: { username: 'alice' } } }],
  ])('%s', (_, event) => {
    expect(impersonationOf({ ...event }, undefined)).toBeUndefined();
  });
});

test('a row of Logs Insights gives the same result as the events', () => {
  const row = new Map(
    Object.entries({
      'user.username': `${SA}tools:front`,
      'user.uid': 'b7140a45-50bf-4dc3-ad64-e64d211e4e6e',
      'user.extra.canonicalArn.0': '',
      events: '12',
      names: '2',
      name: 'alice',
      mark0: '0',
      mark1: '1',
      mark2: '0',
    }),
  );
  expect(impersonators([readImpersonation(row, 'prod')])).toEqual([
    {
      caller: `${SA}tools:front`,
      tool: 'kube-oidc-proxy',
      proxy: `${SA}tools:front`,
      proposed: true,
      events: 12,
      names: ['alice'],
      more: true,
      clusters: ['prod'],
      means: 'Whoever controls kube-oidc-proxy, or may create pods with its service account, can act under any name.',
    },
  ]);
  const role = new Map([
    ...row,
    ['user.uid', ROLE_UID],
    ['user.extra.canonicalArn.0', 'arn:aws:iam::111122223333:role/x'],
  ]);
  expect(impersonators([readImpersonation(role, 'prod')])).toMatchObject([
    { proxy: 'arn:aws:iam::111122223333:role/x', proposed: false },
  ]);
});
