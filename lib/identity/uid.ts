import { type RoleId, roleIdOf } from './arn.ts';
/**
 * The content of the authenticator's uid.
 * Trust: the authenticator writes it from STS's own response, so the caller cannot choose it. Source:
 * kubernetes-sigs/aws-iam-authenticator, pkg/server (`<prefix>:<account>:<user id>`). FACTS has the prefixes by age.
 */
export type AwsUid =
  | { readonly kind: 'role'; readonly accountId: string; readonly roleId: RoleId }
  | { readonly kind: 'user'; readonly accountId: string; readonly userId: string }
  | { readonly kind: 'root'; readonly accountId: string }
  | { readonly kind: 'federated-user'; readonly accountId: string; readonly name: string }
  | { readonly kind: 'administrative'; readonly username: string }
  | { readonly kind: 'malformed' };

/**
 * The prefixes of uids of AWS's authenticator, the current one first. Everything that reads, searches or filters such
 * uids uses this list.
 */
export const UID_PREFIXES = ['aws-iam-authenticator:', 'heptio-authenticator-aws:'] as const;

/** Returns whether the uid is from AWS's authenticator, even if it is not well-formed. */
export function isAwsUid(uid: string | undefined): boolean {
  return prefixOf(uid) !== undefined;
}

/**
 * A CloudWatch Logs filter pattern that matches the uids of AWS's authenticator. Its terms are joined by `
 * `.
 */
export const AWS_UID_PATTERN = UID_PREFIXES.map((prefix) => `$.user.uid = "${prefix}*"`).join(' || ');

const ROLE = /^(\d{12}):(AROA[A-Z0-9]+)$/;
const USER = /^(\d{12}):(AIDA[A-Z0-9]+)$/;
const ROOT = /^(\d{12}):\1$/;
const FEDERATED_USER = /^(\d{12}):\1:(.+)$/s;
const ADMINISTRATIVE = /^(?:\d{12}:)?administrative:(.+)$/s;

/** Parses a uid of AWS's authenticator. Undefined for callers of other authenticators, and for those without a uid. */
export function parseUid(uid: string | undefined): AwsUid | undefined {
  const prefix = prefixOf(uid);
  return uid === undefined || prefix === undefined ? undefined : parseUserId(uid.slice(prefix.length));
}

function prefixOf(uid: string | undefined): string | undefined {
  return uid === undefined ? undefined : UID_PREFIXES.find((prefix) => uid.startsWith(prefix));
}

function parseUserId(rest: string): AwsUid {
  const [, roleAccount, roleId] = ROLE.exec(rest) ?? [];
  if (roleAccount !== undefined && roleId !== undefined)
    return { kind: 'role', accountId: roleAccount, roleId: roleIdOf(roleId) };
  const [, userAccount, userId] = USER.exec(rest) ?? [];
  if (userAccount !== undefined && userId !== undefined) return { kind: 'user', accountId: userAccount, userId };
  const [, rootAccount] = ROOT.exec(rest) ?? [];
  return rootAccount === undefined ? parseName(rest) : { kind: 'root', accountId: rootAccount };
}

/** Parses a uid without the ID of a principal. It is a federated user's, or has a name that EKS sets. */
function parseName(rest: string): AwsUid {
  const [, account, name] = FEDERATED_USER.exec(rest) ?? [];
  if (account !== undefined && name !== undefined) return { kind: 'federated-user', accountId: account, name };
  const [, username] = ADMINISTRATIVE.exec(rest) ?? [];
  return username === undefined ? { kind: 'malformed' } : { kind: 'administrative', username };
}
