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

/** Returns `<namespace>:<name>`, the form in records and in the links of tokens. */
export function serviceAccountText({ namespace, name }: ServiceAccount): string {
  return `${namespace}:${name}`;
}
