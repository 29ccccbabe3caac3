/**
 * What the authenticator's uid says of a caller.
 *
 * Trust: written by the authenticator from STS's own answer, never by the caller.
 * Source: kubernetes-sigs/aws-iam-authenticator pkg/server (`<prefix>:<account>:<user id>`), prefixes by age in FACTS.
 */
export type AwsUid =
  | { readonly kind: 'role'; readonly accountId: string; readonly roleId: string }
  | { readonly kind: 'user'; readonly accountId: string; readonly userId: string }
  | { readonly kind: 'root'; readonly accountId: string }
  | { readonly kind: 'federated-user'; readonly accountId: string; readonly name: string }
  | { readonly kind: 'administrative'; readonly username: string }
  | { readonly kind: 'malformed' };

const PREFIX = /^(?:aws-iam-authenticator|heptio-authenticator-aws):/;
const ROLE = /^(\d{12}):(AROA[A-Z0-9]+)$/;
const USER = /^(\d{12}):(AIDA[A-Z0-9]+)$/;
const ROOT = /^(\d{12}):\1$/;
const FEDERATED_USER = /^(\d{12}):\1:(.+)$/s;
const ADMINISTRATIVE = /^(?:\d{12}:)?administrative:(.+)$/s;

/** Undefined where the uid is not the AWS authenticator's: another authenticator's caller, or none. */
export function parseUid(uid: string | undefined): AwsUid | undefined {
  if (uid === undefined) return undefined;
  const prefix = PREFIX.exec(uid)?.[0];
  return prefix === undefined ? undefined : parseUserId(uid.slice(prefix.length));
}

function parseUserId(rest: string): AwsUid {
  const [, roleAccount, roleId] = ROLE.exec(rest) ?? [];
  if (roleAccount !== undefined && roleId !== undefined) return { kind: 'role', accountId: roleAccount, roleId };
  const [, userAccount, userId] = USER.exec(rest) ?? [];
  if (userAccount !== undefined && userId !== undefined) return { kind: 'user', accountId: userAccount, userId };
  const [, rootAccount] = ROOT.exec(rest) ?? [];
  if (rootAccount !== undefined) return { kind: 'root', accountId: rootAccount };
  const [, account, name] = FEDERATED_USER.exec(rest) ?? [];
  if (account !== undefined && name !== undefined) return { kind: 'federated-user', accountId: account, name };
  const [, username] = ADMINISTRATIVE.exec(rest) ?? [];
  return username === undefined ? { kind: 'malformed' } : { kind: 'administrative', username };
}
