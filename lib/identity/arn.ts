/** The parts of a role that all its ARNs have: the partition, the account, and the name without the path. */
export interface RoleRef {
  /** `aws`, `aws-cn` or `aws-us-gov`. Equal account IDs in two partitions are different accounts. */
  readonly partition: string;
  readonly accountId: string;
  readonly roleName: string;
}

/**
 * The content of an assumed-role ARN: the role and the session name. Trust: whoever assumes the role chooses the
 * session name.
 */
export interface AssumedRoleRef extends RoleRef {
  readonly sessionName: string;
}

/**
 * The ID of a role, `AROA…`. AWS never uses it again, but the name of a role can be. In a forged record it can be any
 * text, which equals only itself.
 */
export type RoleId = string & { readonly brand: 'role-id' };

/** Returns the text as a role's ID. Parsers call it for the fields in which AWS writes one. */
export function roleIdOf(text: string): RoleId {
  return text as RoleId;
}

const ROLE = /^arn:([^:]*):iam::([^:]*):role\/(?:.*\/)?([^/]+)$/s;
const ASSUMED_ROLE = /^arn:([^:]*):sts::([^:]*):assumed-role\/(?:.*\/)?([^/]+)\/([^/]+)$/s;
const USER = /^arn:[^:]*:iam::([^:]*):user\/(?:.*\/)?([^/]+)$/s;
const FEDERATED_USER = /^arn:[^:]*:sts::([^:]*):federated-user\/(.+)$/s;
const IDENTITY_CENTER_ROLE = /^arn:[^:]*:iam::[^:]*:role\/aws-reserved\/sso\.amazonaws\.com\//;
const IDENTITY_CENTER_PROVIDER = /^arn:[^:]*:iam::[^:]*:saml-provider\/AWSSSO_/;

/**
 * Parses `arn:aws:iam::<account>:role/<path>/<name>`. Leaves out the path, because STS ARNs have none. Undefined for
 * other texts.
 */
export function roleRef(arn: string | undefined): RoleRef | undefined {
  const [, partition, accountId, roleName] = (arn === undefined ? null : ROLE.exec(arn)) ?? [];
  if (partition === undefined || accountId === undefined || roleName === undefined) return undefined;
  return { partition, accountId, roleName };
}

export function isSameRole(a: RoleRef, b: RoleRef): boolean {
  return a.partition === b.partition && a.accountId === b.accountId && a.roleName === b.roleName;
}

/** Returns the role's ARN without its path. */
export function pathlessRoleArn({ partition, accountId, roleName }: RoleRef): string {
  return `arn:${partition}:iam::${accountId}:role/${roleName}`;
}

/**
 * Parses `arn:aws:sts::<account>:assumed-role/<role>/<session>`. The session name follows the last slash. Undefined for
 * other texts.
 */
export function assumedRoleRef(arn: string | undefined): AssumedRoleRef | undefined {
  const match = arn === undefined ? null : ASSUMED_ROLE.exec(arn);
  const [, partition, accountId, roleName, sessionName] = match ?? [];
  if (partition === undefined || accountId === undefined || roleName === undefined || sessionName === undefined)
    return undefined;
  return { partition, accountId, roleName, sessionName };
}

/** Returns whether the text has the form of an account ID: 12 digits. */
export function isAccountId(text: string): boolean {
  return /^\d{12}$/.test(text);
}

/** Returns the account in the ARN. */
export function accountOfArn(arn: string): string | undefined {
  return arn.split(':')[4] || undefined;
}

/**
 * Returns whether two ARNs can name the same principal. A role and its sessions count as the same, because records name
 * either one.
 */
export function isSamePrincipal(arn: string, other: string): boolean {
  if (arn === other) return true;
  const [role, otherRole] = [assumedRoleRef(arn) ?? roleRef(arn), assumedRoleRef(other) ?? roleRef(other)];
  if (role === undefined || otherRole === undefined || !isSameRole(role, otherRole)) return false;
  const [session, otherSession] = [assumedRoleRef(arn)?.sessionName, assumedRoleRef(other)?.sessionName];
  return session === undefined || otherSession === undefined || session === otherSession;
}

/** Returns the name of the IAM user in the ARN, without its path. */
export function userName(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : USER.exec(arn)?.[2];
}

/** Returns the name that the caller of GetFederationToken chose. */
export function federatedUserName(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : FEDERATED_USER.exec(arn)?.[2];
}

/**
 * Returns whether the role has the path that only IAM Identity Center can create. Anybody can choose the name
 * `AWSReservedSSO_…` (FACTS).
 */
export function isIdentityCenterRole(roleArn: string): boolean {
  return IDENTITY_CENTER_ROLE.test(roleArn);
}

export function isIdentityCenterProvider(providerArn: string): boolean {
  return IDENTITY_CENTER_PROVIDER.test(providerArn);
}
