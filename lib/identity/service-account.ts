const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):(.+)$/s;

/** A service account of Kubernetes. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Parses the username of a service account, `system:serviceaccount:<namespace>:<name>`. Undefined for other usernames.
 * The namespace ends at the first colon. No name in Kubernetes has a colon (DNS-1123), but names of other
 * authenticators may. The rest is then the name.
 */
export function serviceAccountOf(username: string | undefined): ServiceAccount | undefined {
  const [, namespace, name] = SERVICE_ACCOUNT.exec(username ?? '') ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

/**
 * Returns whether the service account is that of a workload, not of one of Kubernetes' own controllers. These are in
 * kube-system, and run in no pod of the cluster.
 */
export function isWorkloadAccount(username: string | undefined, isInPod: boolean): boolean {
  const account = serviceAccountOf(username);
  return account !== undefined && (isInPod || account.namespace !== 'kube-system');
}

/** Returns `<namespace>:<name>`, as records and the links of tokens have it. */
export function serviceAccountText({ namespace, name }: ServiceAccount): string {
  return `${namespace}:${name}`;
}
