import type { RoleId, RoleRef } from './arn.ts';
import { dashed, type SessionPrincipal } from './session-name.ts';

/**
 * The key under which a session's grants are stored. It has the role, or the account of a federated user, and the
 * session name. The name has `-` in place of `@`, because a username may show it only in that form. Two sessions can
 * have the same key, so compare the exact names afterwards.
 */
export type SessionKey = string & { readonly brand: 'session-key' };

export function roleSessionKey(roleId: RoleId, sessionName: string): SessionKey {
  return `${roleId}:${dashed(sessionName)}` as SessionKey;
}

/** Returns the key of a principal as STS writes it, which is a role session or a federated user. */
export function principalSessionKey({ id, name }: SessionPrincipal): SessionKey {
  return `${id}:${dashed(name)}` as SessionKey;
}

/** Returns the key of a grant without a role ID. The account and the role's name replace the ID. */
export function namedRoleSessionKey(role: RoleRef, sessionName: string): SessionKey {
  return `${role.accountId}/${role.roleName}:${dashed(sessionName)}` as SessionKey;
}

/** Returns the key of a grant of GetFederationToken, whose `federatedUserId` is `<account>:<name>`. */
export function federatedSessionKey(accountId: string, name: string): SessionKey {
  return `${accountId}:${dashed(name)}` as SessionKey;
}
