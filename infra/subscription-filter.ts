import { AWS_UID_PATTERN } from '../lib/identity/uid.ts';

/**
 * The filter patterns that subscriptions carry (CloudWatch Logs User Guide, "Filter pattern syntax", JSON). They match
 * valid JSON only: entries that were cut at 1 MB never reach a subscription. A pattern has at most 1,024 characters
 * (CloudWatch Logs API Reference, PutSubscriptionFilter).
 */

/** Which requests of Kubernetes' own service accounts are taken, beside those that impersonate people: from the least to the most. */
export const SERVICE_ACCOUNTS = ['none', 'tokens', 'all'] as const;
export type ServiceAccounts = (typeof SERVICE_ACCOUNTS)[number];

const OTHER_AUTHENTICATOR = '($.user.username != "system:*" && $.user.username != "eks:*")';

/**
 * Under a node's name, what is no kubelet: whoever took over a node's role. The agent is the client's word, so that one
 * who calls himself a kubelet shows with `nodeTraffic` only. Windows' kubelet is kubelet.exe (client-go, rest/config.go,
 * DefaultKubernetesUserAgent).
 */
const NO_KUBELET =
  '($.user.username != "system:node:*" || $.userAgent NOT EXISTS || ($.userAgent != "kubelet/*" && $.userAgent != "kubelet.exe/*"))';

/** Whoever acts for a person; the guide has no EXISTS, and a star alone stands for any text. */
const FOR_A_PERSON = '($.impersonatedUser.username = "*" && $.impersonatedUser.username != "system:*")';

/** AWS's own staff in a cluster, who come without a uid (FACTS). */
const SUPPORT = '$.user.username = "eks:support-engineer"';

const SERVICE_ACCOUNT = '$.user.username = "system:serviceaccount:*"';

/**
 * What is done with tokens that have an id, outside `kube-system`, and whatever issues another token. A key with a period
 * in it stands in brackets and single quotes, after a period (User Guide, "Filter pattern that matches a JSON property
 * with a period (.) in the key": `$.['cluster.name']`); the values of `extra` are lists.
 */
const WITH_TOKENS = `(${SERVICE_ACCOUNT} && (($.user.username != "system:serviceaccount:kube-system:*" && $.user.extra.['authentication.kubernetes.io/credential-id'][0] = "JTI=*") || ($.objectRef.resource = "serviceaccounts" && $.objectRef.subresource = "token")))`;

const BY_SERVICE_ACCOUNTS: Readonly<Record<ServiceAccounts, readonly string[]>> = {
  none: [],
  tokens: [WITH_TOKENS],
  all: [SERVICE_ACCOUNT],
};

/**
 * Audit events of everybody but Kubernetes itself, whose traffic is by far the most. The uid stays outside the client's
 * reach; its other half lets OIDC users in. `nodeTraffic` lets the kubelets in as well: they have an AWS identity, and
 * may be somebody who took over a node's role.
 */
export function auditFilterPattern(nodeTraffic: boolean, serviceAccounts: ServiceAccounts = 'none'): string {
  const callers = `(${AWS_UID_PATTERN} || ${OTHER_AUTHENTICATOR})`;
  const people = nodeTraffic ? callers : `(${callers} && ${NO_KUBELET})`;
  return `{ ${[people, FOR_A_PERSON, SUPPORT, ...BY_SERVICE_ACCOUNTS[serviceAccounts]].join(' || ')} }`;
}

/** Of a trail's log group, by `eventSource` the records of these names; denied calls have an errorCode. */
export function trailFilterPattern(eventNames: Readonly<Record<string, readonly string[]>>): string {
  const sources = Object.entries(eventNames).map(([source, names]) => {
    const named = names.map((name) => `$.eventName = "${name}"`).join(' || ');
    return `($.eventSource = "${source}" && (${named}))`;
  });
  return `{ $.errorCode NOT EXISTS && (${sources.join(' || ')}) }`;
}

/** What a cluster's filter is called, listed or found. */
export function auditFilterName({ prefix }: { readonly prefix: string }): string {
  return `${prefix}-audit`;
}
