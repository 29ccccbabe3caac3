/** An account and a role's name without its path: what survives of a role in every kind of ARN. */
export interface RoleRef {
  readonly accountId: string;
  readonly roleName: string;
}

/** What an assumed-role ARN says: whose role, and the session name, which the caller chose. */
export interface AssumedRoleRef extends RoleRef {
  readonly sessionName: string;
}

/**
 * The id of a role, `AROA…`: never used again, where a role's name may be. Of forged records it can be any text, which joins
 * nothing but itself.
 */
export type RoleId = string & { readonly brand: 'role-id' };

/** For parsers: what stands where AWS writes a role's id. */
export function roleIdOf(text: string): RoleId {
  return text as RoleId;
}

const ROLE = /^arn:[^:]*:iam::([^:]*):role\/(?:.*\/)?([^/]+)$/s;
const ASSUMED_ROLE = /^arn:[^:]*:sts::([^:]*):assumed-role\/(?:.*\/)?([^/]+)\/([^/]+)$/s;
const USER = /^arn:[^:]*:iam::([^:]*):user\/(?:.*\/)?([^/]+)$/s;
const FEDERATED_USER = /^arn:[^:]*:sts::([^:]*):federated-user\/(.+)$/s;
const IDENTITY_CENTER_ROLE = /^arn:[^:]*:iam::[^:]*:role\/aws-reserved\/sso\.amazonaws\.com\//;
const IDENTITY_CENTER_PROVIDER = /^arn:[^:]*:iam::[^:]*:saml-provider\/AWSSSO_/;

/** Reads `arn:aws:iam::<account>:role/<path>/<name>`; the path is dropped, since STS ARNs have none. */
export function roleRef(arn: string | undefined): RoleRef | undefined {
  const match = arn === undefined ? null : ROLE.exec(arn);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { accountId: match[1], roleName: match[2] };
}

export function isSameRole(a: RoleRef, b: RoleRef): boolean {
  return a.accountId === b.accountId && a.roleName === b.roleName;
}

/** The role's ARN without its path, in the partition of another ARN that is known. */
export function pathlessRoleArn({ accountId, roleName }: RoleRef, arn: string): string {
  return `arn:${arn.split(':')[1] ?? 'aws'}:iam::${accountId}:role/${roleName}`;
}

/** Reads `arn:aws:sts::<account>:assumed-role/<role>/<session>`; the session is what follows the last slash. */
export function assumedRoleRef(arn: string | undefined): AssumedRoleRef | undefined {
  const match = arn === undefined ? null : ASSUMED_ROLE.exec(arn);
  const [, accountId, roleName, sessionName] = match ?? [];
  if (accountId === undefined || roleName === undefined || sessionName === undefined) return undefined;
  return { accountId, roleName, sessionName };
}

/** The name of the IAM user that the ARN names, without its path. */
export function userName(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : USER.exec(arn)?.[2];
}

/** The name that the caller of GetFederationToken chose. */
export function federatedUserName(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : FEDERATED_USER.exec(arn)?.[2];
}

/**
 * Whether the role lies under the path that only IAM Identity Center may create. The name `AWSReservedSSO_…` alone
 * anybody can choose (FACTS).
 */
export function isIdentityCenterRole(roleArn: string): boolean {
  return IDENTITY_CENTER_ROLE.test(roleArn);
}

export function isIdentityCenterProvider(providerArn: string): boolean {
  return IDENTITY_CENTER_PROVIDER.test(providerArn);
}
