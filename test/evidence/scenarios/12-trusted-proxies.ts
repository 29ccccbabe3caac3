import type { JsonObject } from '../../../lib/json.ts';
import { auditEvent, eventBy, roleUser } from '../../builders/audit-event.ts';
import { ROLE_ARN } from '../../builders/company.ts';
import { ALICES_KEY, alices, MALLORY, MALLORYS_KEY, mallorys, SHARED } from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const TELEPORT = 'system:serviceaccount:teleport:teleport-agent';
const RANCHER = 'system:serviceaccount:cattle-impersonation-system:cattle-impersonation-*';
const RANCHER_USER = 'system:serviceaccount:cattle-impersonation-system:cattle-impersonation-u-b4qkhsnliz';
const PINNIPED = 'system:serviceaccount:concierge:concierge-impersonation-proxy';
const PINNIPED_USER = 'original-user-info.impersonation-proxy.concierge.pinniped.dev';
const OIDC_PROXY = 'oidc-proxy';
const OIDC_PROXY_USER = 'originaluser.jetstack.io-user';

function proxied(username: string, impersonatedUser: JsonObject): JsonObject {
  return auditEvent({ user: { username }, impersonatedUser });
}

function throughProxy(provider: string, actor: JsonObject): ExpectedAnswer {
  return {
    status: 'attributed',
    method: 'proxy',
    flags: ['impersonation'],
    actor: { kind: 'proxied-user', provider, ...actor },
  };
}

const UNTRUSTED: ExpectedAnswer = {
  status: 'partial',
  method: 'direct',
  reason: 'acts-for-impersonated-user',
  flags: ['impersonation'],
  actor: { kind: 'kubernetes-service-account', name: 'teleport:teleport-agent' },
};

/** New: configured proxies, which are trusted to name the person. */
export const PROXIES: readonly Scenario[] = [
  {
    title: 'a configured service account’s impersonated user is the person',
    proxies: [TELEPORT],
    records: [],
    events: [
      {
        event: proxied(TELEPORT, { username: 'alice', uid: 'u-1' }),
        expected: { ...throughProxy(TELEPORT, { name: 'alice', uid: 'u-1' }), impersonated: { uid: 'u-1' } },
      },
    ],
  },
  {
    title: 'a service account that nobody configured is not believed',
    records: [],
    events: [{ event: proxied(TELEPORT, { username: 'alice' }), expected: UNTRUSTED }],
  },
  {
    title: 'another service account than the configured one is not believed',
    proxies: ['system:serviceaccount:teleport:teleport'],
    records: [],
    events: [{ event: proxied(TELEPORT, { username: 'alice' }), expected: UNTRUSTED }],
  },
  {
    title: 'a pattern covers the service accounts that a proxy makes for its users',
    proxies: [RANCHER],
    records: [],
    events: [
      {
        event: proxied(RANCHER_USER, { username: 'u-b4qkhsnliz' }),
        expected: throughProxy(RANCHER_USER, { name: 'u-b4qkhsnliz' }),
      },
    ],
  },
  {
    title: 'a pattern does not reach into other namespaces',
    proxies: [RANCHER],
    records: [],
    events: [
      {
        event: proxied('system:serviceaccount:shop:cattle-impersonation-u-b4qkhsnliz', { username: 'alice' }),
        expected: {
          ...UNTRUSTED,
          actor: { kind: 'kubernetes-service-account', name: 'shop:cattle-impersonation-u-b4qkhsnliz' },
        },
      },
    ],
  },
  {
    title: 'a role that is configured is a proxy, whoever assumed it',
    proxies: [ROLE_ARN],
    records: [alices()],
    events: [
      {
        event: eventBy(roleUser({ session: SHARED, key: ALICES_KEY }), { impersonatedUser: { username: 'carol' } }),
        expected: {
          status: 'attributed',
          method: 'proxy',
          flags: ['impersonation'],
          actor: { kind: 'proxied-user', name: 'carol' },
        },
      },
    ],
  },
  {
    title: 'a role session whose username is a configured proxy’s is not that proxy',
    proxies: [OIDC_PROXY],
    records: [mallorys()],
    events: [
      {
        event: eventBy(roleUser({ session: SHARED, key: MALLORYS_KEY, username: OIDC_PROXY }), {
          impersonatedUser: { username: 'alice' },
        }),
        expected: { status: 'attributed', method: 'access-key', flags: ['impersonation'], actor: MALLORY },
      },
    ],
  },
  {
    title: 'behind Pinniped’s proxy the person is the first user, not the one impersonated last',
    proxies: [PINNIPED],
    records: [],
    events: [
      {
        event: proxied(PINNIPED, {
          username: 'alice',
          extra: { [PINNIPED_USER]: [JSON.stringify({ username: 'carol', uid: 'u-3', groups: ['dev'] })] },
        }),
        expected: {
          ...throughProxy(PINNIPED, { name: 'carol' }),
          impersonated: { username: 'alice', original: 'carol' },
        },
      },
    ],
  },
  {
    title: 'behind kube-oidc-proxy the person is the first user, not the one impersonated last',
    proxies: [OIDC_PROXY],
    records: [],
    events: [
      {
        event: proxied(OIDC_PROXY, { username: 'alice', extra: { [OIDC_PROXY_USER]: ['carol'] } }),
        expected: {
          ...throughProxy(OIDC_PROXY, { name: 'carol' }),
          impersonated: { username: 'alice', original: 'carol' },
        },
      },
    ],
  },
  {
    title: 'an impersonator that nobody configured is not believed about a first user either',
    records: [mallorys()],
    events: [
      {
        event: eventBy(roleUser({ session: SHARED, key: MALLORYS_KEY }), {
          impersonatedUser: { username: 'alice', extra: { [OIDC_PROXY_USER]: ['carol'] } },
        }),
        expected: { status: 'attributed', method: 'access-key', flags: ['impersonation'], actor: MALLORY },
      },
    ],
  },
  {
    title: 'a configured proxy that impersonates nobody is an ordinary caller',
    proxies: [TELEPORT],
    records: [],
    events: [{ event: auditEvent({ user: { username: TELEPORT } }), expected: { status: 'system' } }],
  },
  {
    title: 'a service account that states a trusted role’s ARN does not have that role: only an AWS uid proves it',
    proxies: [ROLE_ARN],
    records: [],
    events: [
      {
        event: auditEvent({
          user: { username: TELEPORT, extra: { canonicalArn: [ROLE_ARN] } },
          impersonatedUser: { username: 'alice' },
        }),
        expected: UNTRUSTED,
      },
    ],
  },
];
