import { AWS_UID_PATTERN } from './uid.ts';

/**
 * The filter pattern that a subscription to a cluster's audit log carries (CloudWatch Logs User Guide, "Filter pattern syntax",
 * JSON). It matches valid JSON only: entries that were cut at 1 MB never reach a subscription. A pattern has at most 1,024
 * characters (CloudWatch Logs API Reference, PutSubscriptionFilter).
 */

/** Which requests of Kubernetes' own service accounts are taken, beside those that impersonate people: from the least to the most. */
export const SERVICE_ACCOUNTS = ['none', 'tokens', 'all'] as const;
export type ServiceAccounts = (typeof SERVICE_ACCOUNTS)[number];

/**
 * Which requests under the names of the control plane are taken: none, those that visibly do not come from AWS's own control
 * plane, or all. From the least to the most.
 */
export const CONTROL_PLANE = ['none', 'outside', 'all'] as const;
export type ControlPlane = (typeof CONTROL_PLANE)[number];

/** What a deployment chooses to take, beside people and callers from outside AWS. */
export interface AuditFilterChoice {
  readonly nodeTraffic: boolean;
  readonly serviceAccounts: ServiceAccounts;
  readonly controlPlane: ControlPlane;
}

/** What a deployment takes unless somebody says otherwise. */
export const DEFAULT_CHOICE: AuditFilterChoice = {
  nodeTraffic: false,
  serviceAccounts: 'none',
  controlPlane: 'outside',
};

/**
 * Under a node's name, what is no kubelet: whoever took over a node's role. The agent is the client's word, so that one
 * who claims to be a kubelet shows with `nodeTraffic` only. Windows' kubelet is kubelet.exe (client-go, rest/config.go,
 * DefaultKubernetesUserAgent).
 */
const NO_KUBELET =
  '($.user.username != "system:node:*" || $.userAgent NOT EXISTS || ($.userAgent != "kubelet/*" && $.userAgent != "kubelet.exe/*"))';

/** Whoever acts for a person; the guide has no EXISTS, and a star alone stands for any text. */
const FOR_A_PERSON = '($.impersonatedUser.username = "*" && $.impersonatedUser.username != "system:*")';

/** Whose authentication failed: an empty user. How `!=` answers for a field that is not there the guide leaves open. */
const NOBODY = '$.user.username NOT EXISTS';

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

const NO_CONTROL_PLANE = '($.user.username != "system:kube-*" && $.user.username != "system:apiserver")';

/**
 * Under a name of the control plane, what is not AWS's own control plane (FACTS): it has one address, which no client writes,
 * since one that states another has two; that is its own loopback, or a private one, from which its programs `kube-…` come.
 */
const OUTSIDE =
  '($.sourceIPs[1] = "*" || ($.sourceIPs[0] != "::1" && $.sourceIPs[0] != "127.*" && ($.userAgent NOT EXISTS || $.userAgent != "kube-*" || ($.sourceIPs[0] != "10.*" && $.sourceIPs[0] != "172.*"))))';

const NO_EKS = '$.user.username != "eks:*"';

/** By name, whoever is no service account: people of another authenticator, and who comes with no credentials or with Kubernetes' own. */
const BY_CONTROL_PLANE: Readonly<Record<ControlPlane, readonly string[]>> = {
  none: [NO_EKS, NO_CONTROL_PLANE],
  outside: [NO_EKS, `(${NO_CONTROL_PLANE} || ${OUTSIDE})`],
  all: [],
};

/**
 * Lets audit events of everybody through but Kubernetes itself, whose traffic is by far the most: callers with an AWS
 * identity, whose uid is outside the client's reach, and by their names those of other authenticators, anonymous callers,
 * bootstrap tokens and client certificates. `nodeTraffic` lets the kubelets in as well.
 */
export function auditFilterPattern({ nodeTraffic, serviceAccounts, controlPlane }: AuditFilterChoice): string {
  const named = ['$.user.username != "system:serviceaccount:*"', ...BY_CONTROL_PLANE[controlPlane]].join(' && ');
  const callers = `(${AWS_UID_PATTERN} || (${named}))`;
  const people = nodeTraffic ? callers : `(${callers} && ${NO_KUBELET})`;
  return `{ ${[people, NOBODY, FOR_A_PERSON, SUPPORT, ...BY_SERVICE_ACCOUNTS[serviceAccounts]].join(' || ')} }`;
}
