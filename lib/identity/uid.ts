import { type RoleId, roleIdOf } from './arn.ts';
/**
 * What the authenticator's uid says of a caller.
 *
 * Trust: written by the authenticator from STS's own answer, never by the caller.
 * Source: kubernetes-sigs/aws-iam-authenticator pkg/server (`<prefix>:<account>:<user id>`), prefixes by age in FACTS.
 */
export type AwsUid =
  | { readonly kind: 'role'; readonly accountId: string; readonly roleId: RoleId }
  | { readonly kind: 'user'; readonly accountId: string; readonly userId: string }
  | { readonly kind: 'root'; readonly accountId: string }
  | { readonly kind: 'federated-user'; readonly accountId: string; readonly name: string }
  | { readonly kind: 'administrative'; readonly username: string }
  | { readonly kind: 'malformed' };

/** How the uids of AWS's authenticator begin, the one of today first: what reads, asks for or lets through such uids has it from here. */
export const UID_PREFIXES = ['aws-iam-authenticator:', 'heptio-authenticator-aws:'] as const;

/** Whether the uid is one that AWS's authenticator writes, well-formed or not. */
export function isAwsUid(uid: string | undefined): boolean {
  return prefixOf(uid) !== undefined;
}

/** The uids of AWS's authenticator in the language of CloudWatch Logs' filter patterns: terms joined by `||`. */
export const AWS_UID_PATTERN = UID_PREFIXES.map((prefix) => `$.user.uid = "${prefix}*"`).join(' || ');

const ROLE = /^(\d{12}):(AROA[A-Z0-9]+)$/;
const USER = /^(\d{12}):(AIDA[A-Z0-9]+)$/;
const ROOT = /^(\d{12}):\1$/;
const FEDERATED_USER = /^(\d{12}):\1:(.+)$/s;
const ADMINISTRATIVE = /^(?:\d{12}:)?administrative:(.+)$/s;

/** Undefined where the uid is not the AWS authenticator's: another authenticator's caller, or none. */
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

/** Of those that are no principal's id: whoever federates, or EKS, gives a name. */
function parseName(rest: string): AwsUid {
  const [, account, name] = FEDERATED_USER.exec(rest) ?? [];
  if (account !== undefined && name !== undefined) return { kind: 'federated-user', accountId: account, name };
  const [, username] = ADMINISTRATIVE.exec(rest) ?? [];
  return username === undefined ? { kind: 'malformed' } : { kind: 'administrative', username };
}
