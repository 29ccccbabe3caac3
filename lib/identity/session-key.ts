import type { RoleId, RoleRef } from './arn.ts';
import { dashed, type SessionPrincipal } from './session-name.ts';

/**
 * Under which key a session's grants are kept: the role (or the federating account) and the name with `@` as `-`,
 * since a username may show it only in that form. Two sessions may share a key; the exact name is compared afterwards.
 */
export type SessionKey = string & { readonly brand: 'session-key' };

export function roleSessionKey(roleId: RoleId, sessionName: string): SessionKey {
  return `${roleId}:${dashed(sessionName)}` as SessionKey;
}

/** Of a principal as STS writes it, whichever it is: a role's session or a federated user. */
export function principalSessionKey({ id, name }: SessionPrincipal): SessionKey {
  return `${id}:${dashed(name)}` as SessionKey;
}

/** For grants that name no role id: account and role name stand for the role. */
export function namedRoleSessionKey(role: RoleRef, sessionName: string): SessionKey {
  return `${role.accountId}/${role.roleName}:${dashed(sessionName)}` as SessionKey;
}

/** For GetFederationToken: `federatedUserId` is `<account>:<name>`. */
export function federatedSessionKey(accountId: string, name: string): SessionKey {
  return `${accountId}:${dashed(name)}` as SessionKey;
}
