const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):(.+)$/s;

/** A service account of Kubernetes. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Parses the username of a service account, `system:serviceaccount:<namespace>:<name>`; undefined for other usernames.
 * The namespace ends at the first colon. Kubernetes gives no name a colon (DNS-1123), but another authenticator may;
 * the rest is then the name.
 */
export function serviceAccountOf(username: string | undefined): ServiceAccount | undefined {
  const [, namespace, name] = SERVICE_ACCOUNT.exec(username ?? '') ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

/**
 * Returns whether it is the service account of a workload, and not a controller of Kubernetes itself: those are in kube-system, and run
 * in no pod of the cluster.
 */
export function isWorkloadAccount(username: string | undefined, isInPod: boolean): boolean {
  const account = serviceAccountOf(username);
  return account !== undefined && (isInPod || account.namespace !== 'kube-system');
}

/** Returns `<namespace>:<name>`, the form in records and in the links of tokens. */
export function serviceAccountText({ namespace, name }: ServiceAccount): string {
  return `${namespace}:${name}`;
}
