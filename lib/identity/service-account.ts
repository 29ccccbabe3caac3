const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):(.+)$/s;

/** A service account of Kubernetes. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Reads the username of a service account, `system:serviceaccount:<namespace>:<name>`; undefined where it is of another
 * kind. The namespace ends at the first colon: a name with a colon in it Kubernetes gives to none (DNS-1123), another
 * authenticator may, and then all of it is the name.
 */
export function serviceAccountOf(username: string | undefined): ServiceAccount | undefined {
  const [, namespace, name] = SERVICE_ACCOUNT.exec(username ?? '') ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

/** `<namespace>:<name>`, as records and the links of tokens call a service account. */
export function serviceAccountText({ namespace, name }: ServiceAccount): string {
  return `${namespace}:${name}`;
}
