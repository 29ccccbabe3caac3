import { AWS_UID_PATTERN } from './uid.ts';

/**
 * The filter pattern for a subscription to a cluster's audit log (CloudWatch Logs User Guide, "Filter pattern syntax",
 * JSON). It matches only valid JSON, so entries that were cut at 1 MB never reach a subscription. A pattern has at most
 * 1,024 characters (CloudWatch Logs API Reference, PutSubscriptionFilter).
 */

/**
 * Which requests of Kubernetes' own service accounts to include, from none to all. Requests that impersonate people are
 * always included.
 */
export const SERVICE_ACCOUNTS = ['none', 'tokens', 'all'] as const;
export type ServiceAccounts = (typeof SERVICE_ACCOUNTS)[number];

/**
 * Which requests under names of the control plane to include. `outside`: those that visibly come from elsewhere than
 * AWS's own control plane.
 */
export const CONTROL_PLANE = ['none', 'outside', 'all'] as const;
export type ControlPlane = (typeof CONTROL_PLANE)[number];

/** The optional traffic that a deployment includes, besides people and callers from outside AWS. */
export interface AuditFilterChoice {
  readonly nodeTraffic: boolean;
  readonly serviceAccounts: ServiceAccounts;
  readonly controlPlane: ControlPlane;
}

/** The default of a deployment. */
export const DEFAULT_CHOICE: AuditFilterChoice = {
  nodeTraffic: false,
  serviceAccounts: 'none',
  controlPlane: 'outside',
};

/**
 * Matches callers under a node's name that are no kubelets, because somebody may have taken over the node's role. The
 * client chooses the user agent. So a caller that poses as a kubelet is recorded only with `nodeTraffic`. On Windows,
 * the kubelet is kubelet.exe (client-go, rest/config.go, DefaultKubernetesUserAgent).
 */
const NO_KUBELET =
  '($.user.username != "system:node:*" || $.userAgent NOT EXISTS || ($.userAgent != "kubelet/*" && $.userAgent != "kubelet.exe/*"))';

/** Matches requests that impersonate a person. The guide has no EXISTS, but a single star matches any text. */
const FOR_A_PERSON = '($.impersonatedUser.username = "*" && $.impersonatedUser.username != "system:*")';

/**
 * Matches requests whose authentication failed, which have an empty user. The guide does not say how `!=` treats a
 * missing field.
 */
const NOBODY = '$.user.username NOT EXISTS';

/** Matches AWS's own staff in a cluster, who have no uid (FACTS). */
const SUPPORT = '$.user.username = "eks:support-engineer"';

const SERVICE_ACCOUNT = '$.user.username = "system:serviceaccount:*"';

/**
 * Matches requests with tokens that have an ID, outside of `kube-system`. Also matches requests that issue another
 * token. A key that contains a period is written in brackets and single quotes. Source: User Guide, "Filter pattern
 * that matches a JSON property with a period (.) in the key": `$.['cluster.name']`. The values of `extra` are lists.
 */
const WITH_TOKENS = `(${SERVICE_ACCOUNT} && (($.user.username != "system:serviceaccount:kube-system:*" && $.user.extra.['authentication.kubernetes.io/credential-id'][0] = "JTI=*") || ($.objectRef.resource = "serviceaccounts" && $.objectRef.subresource = "token")))`;

const BY_SERVICE_ACCOUNTS: Readonly<Record<ServiceAccounts, readonly string[]>> = {
  none: [],
  tokens: [WITH_TOKENS],
  all: [SERVICE_ACCOUNT],
};

const NO_CONTROL_PLANE = '($.user.username != "system:kube-*" && $.user.username != "system:apiserver")';

/**
 * Matches requests under a name of the control plane that do not come from AWS's own control plane (FACTS). AWS's
 * requests have exactly one source IP. If a client adds its own, there are two. That of AWS is a loopback address, or a
 * private one for its programs `kube-…`.
 */
const OUTSIDE =
  '($.sourceIPs[1] = "*" || ($.sourceIPs[0] != "::1" && $.sourceIPs[0] != "127.*" && ($.userAgent NOT EXISTS || $.userAgent != "kube-*" || ($.sourceIPs[0] != "10.*" && $.sourceIPs[0] != "172.*"))))';

const NO_EKS = '$.user.username != "eks:*"';

/**
 * The conditions on usernames of callers that are no service accounts. These are people of another authenticator,
 * callers without credentials, and callers with Kubernetes' own credentials.
 */
const BY_CONTROL_PLANE: Readonly<Record<ControlPlane, readonly string[]>> = {
  none: [NO_EKS, NO_CONTROL_PLANE],
  outside: [NO_EKS, `(${NO_CONTROL_PLANE} || ${OUTSIDE})`],
  all: [],
};

/**
 * Returns a pattern that matches the audit events of everybody except Kubernetes itself, which causes most of the
 * traffic. It includes callers with an AWS identity by their uid, which no client can choose. It includes callers of
 * other authenticators, anonymous callers, bootstrap tokens and client certificates by their names. `nodeTraffic`
 * includes the kubelets too.
 */
export function auditFilterPattern({ nodeTraffic, serviceAccounts, controlPlane }: AuditFilterChoice): string {
  const named = ['$.user.username != "system:serviceaccount:*"', ...BY_CONTROL_PLANE[controlPlane]].join(' && ');
  const callers = `(${AWS_UID_PATTERN} || (${named}))`;
  const people = nodeTraffic ? callers : `(${callers} && ${NO_KUBELET})`;
  return `{ ${[people, NOBODY, FOR_A_PERSON, SUPPORT, ...BY_SERVICE_ACCOUNTS[serviceAccounts]].join(' || ')} }`;
}
