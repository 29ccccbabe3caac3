/** A program that people reach a cluster through, and how its requests look in the audit log. */
export interface KnownProxy {
  readonly tool: string;
  /** Its service account, unless whoever installed it called it otherwise. */
  readonly username: RegExp;
  /** A key of `impersonatedUser.extra` that no other writes, in lower case. */
  readonly mark?: string;
  /** All of its service accounts, where it has one for each person. */
  readonly pattern?: string;
  /** What else its word for a person is. */
  readonly says?: string;
}

/**
 * Sources, all read as public code and documentation; none seen in an EKS audit log:
 * - Rancher: rancher/rancher pkg/impersonation (`ImpersonationNamespace`, `ImpersonationPrefix` and the user's id); extra
 *   `username` and `principalid`, which are too common to go by.
 * - Pinniped: pkg.go.dev/go.pinniped.dev/internal/concierge/impersonator (a service account of its own in the concierge's
 *   namespace; the extra key is written where its user impersonates in turn), deploy/concierge for the names.
 * - kube-oidc-proxy: jetstack/kube-oidc-proxy and its successors, README "Impersonation" (the same).
 * - Tailscale: tailscale/tailscale cmd/k8s-operator (`operator`, and `kube-apiserver-auth-proxy` of a ProxyGroup);
 *   tailscale.com/docs/kubernetes-operator/api-server-access/auth-and-rbac for the names.
 * - Teleport: gravitational/teleport examples/chart/teleport-kube-agent (the service account bears the release's name);
 *   teleport#28204 for `--as`. It adds no key.
 * - GitLab's agent: docs.gitlab.com, "Using GitLab CI/CD with a Kubernetes cluster", "Use impersonation".
 */
const KNOWN_PROXIES: readonly KnownProxy[] = [
  {
    tool: 'Rancher',
    username: /^system:serviceaccount:cattle-impersonation-system:cattle-impersonation-[^:]+$/,
    pattern: 'system:serviceaccount:cattle-impersonation-system:cattle-impersonation-*',
    says: "It names its users by Rancher's ids (u-…).",
  },
  {
    tool: "Pinniped's concierge",
    username: /^system:serviceaccount:(?:[^:]*pinniped[^:]*:[^:]+|[^:]+:[^:]*pinniped[^:]*)$/,
    mark: 'original-user-info.impersonation-proxy.concierge.pinniped.dev',
  },
  {
    tool: 'kube-oidc-proxy',
    username: /^system:serviceaccount:[^:]+:[^:]*kube-oidc-proxy[^:]*$/,
    mark: 'originaluser.jetstack.io-user',
  },
  {
    tool: "Tailscale's operator",
    username: /^system:serviceaccount:(?:[^:]*tailscale[^:]*:operator|[^:]+:kube-apiserver-auth-proxy)$/,
    says: "It names people by their login, tagged devices by the node's name.",
  },
  {
    tool: 'Teleport',
    username: /^system:serviceaccount:(?:[^:]*teleport[^:]*:[^:]+|[^:]+:[^:]*teleport[^:]*)$/,
    says: 'Its users choose the name by --as, among those that their roles allow: give each person one.',
  },
  {
    tool: "GitLab's agent",
    username: /^system:serviceaccount:(?:[^:]*gitlab-agent[^:]*:[^:]+|[^:]+:[^:]*gitlab-agent[^:]*)$/,
    mark: 'agent.gitlab.com/id',
    says: 'It names CI jobs too (gitlab:ci_job:…), which are no people.',
  },
];

/** All of their marks. */
export const MARKS: readonly string[] = KNOWN_PROXIES.flatMap(({ mark }) => mark ?? []);

/** Which program a service account is of: by its name, else by what it writes. */
export function knownProxy(username: string, marks: readonly string[]): KnownProxy | undefined {
  return (
    KNOWN_PROXIES.find((known) => known.username.test(username)) ??
    KNOWN_PROXIES.find(({ mark }) => mark !== undefined && marks.includes(mark))
  );
}
