import type { ActingCaller } from '../audit/caller.ts';
import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { roleOf, type Use } from '../cloudtrail/use.ts';
import { assumedRoleRef, isSameRole, type RoleRef, roleIdOf, roleRef } from '../identity/arn.ts';
import { namedRoleSessionKey, principalSessionKey, type SessionKey } from '../identity/session-key.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import type { GrantIndex } from './grant-index.ts';

/**
 * What is known about a session before its grant is found: the session of an audit event's caller, or of the caller of
 * a grant in a chain. Fields can be missing. Those that are present must agree with the grant.
 */
export interface SessionClaim {
  readonly kind: 'role' | 'federated-user' | 'unstated';
  /** The role ID (`AROA…`), or the account of a federated user. */
  readonly id?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly accountId?: string | undefined;
  /**
   * Returns the role's account and name, which are needed for grants without a role ID. These are rare, so it is
   * computed only when needed.
   */
  readonly role: () => RoleRef | undefined;
}

/** Returns the session that the caller of an audit event states. Names from its username do not count, because they are not stated. */
export function claimOfCaller(caller: ActingCaller, index: GrantIndex): SessionClaim {
  const { roleId, accountId, sessionName } = caller;
  const federated = caller.kind === 'federated-user';
  const id = federated ? accountId : roleId;
  const kind = federated ? 'federated-user' : id === undefined ? 'unstated' : 'role';
  return { kind, id, sessionName, accountId, role: () => rolesOfCaller(caller, index)[0] };
}

/**
 * Returns the roles of the caller: the one that the event states, or else those that other records state for the role
 * ID. Empty if there are none.
 */
export function rolesOfCaller({ arn, canonicalArn, roleId }: ActingCaller, index: GrantIndex): readonly RoleRef[] {
  const stated = assumedRoleRef(arn) ?? roleRef(canonicalArn);
  if (stated !== undefined) return [stated];
  return roleId === undefined ? [] : index.rolesOf(roleId);
}

/** Returns the session of a grant's caller, by the principal ID that AWS states. */
export function claimOfTrailCaller(caller: TrailCaller, index: GrantIndex): SessionClaim {
  const principal = parseSessionPrincipal(caller.principalId);
  return {
    kind: 'role',
    id: principal?.id,
    sessionName: principal?.name ?? assumedRoleRef(caller.arn)?.sessionName,
    accountId: caller.accountId,
    role: () => rolesOfPrincipal(caller.principalId, roleOf(caller), index)[0],
  };
}

/**
 * Returns the roles of a session that signed a record: the one that the record states, or else those that other records
 * state for the role ID.
 */
export function rolesOfPrincipal(
  principalId: string | undefined,
  stated: RoleRef | undefined,
  index: Pick<GrantIndex, 'rolesOf'>,
): readonly RoleRef[] {
  if (stated !== undefined) return [stated];
  const id = parseSessionPrincipal(principalId)?.id;
  return id?.startsWith('AROA') ? index.rolesOf(roleIdOf(id)) : [];
}

/** Returns whether the grant's session can be the one in the claim. Role ID and session name must agree if both sides state them. */
export function grantAgrees(grant: Grant, claim: SessionClaim): boolean {
  if (claim.kind === 'unstated') return true;
  const isDelegated = grant.granted === 'delegated' && claim.kind === 'role';
  if (grant.granted !== claim.kind && !isDelegated) return false;
  if (differ(grant.sessionName, claim.sessionName)) return false;
  if (claim.kind === 'federated-user') return !differ(grant.accountId, claim.id);
  if (grant.roleId === undefined || claim.id === undefined) return namedRoleAgrees(grant, claim);
  return grant.roleId === claim.id;
}

function namedRoleAgrees(grant: Grant, claim: SessionClaim): boolean {
  const role = roleRef(grant.roleArn);
  if (role === undefined) return true;
  const claimed = claim.role();
  if (claimed === undefined) return !differ(role.accountId, claim.accountId);
  return isSameRole(role, claimed);
}

/** Returns whether the session of the use can be the one in the claim. */
export function useAgrees(use: Use, claim: SessionClaim): boolean {
  if (claim.kind === 'unstated') return true;
  const principal = parseSessionPrincipal(use.principalId);
  if (principal === undefined) return false;
  return !differ(principal.id, claim.id) && !differ(principal.name, claim.sessionName);
}

/** Returns whether both sides state a value, and the values differ. */
export function differ(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/** Returns the keys under which the grants of a session are stored: one by the ID of its role, and one for each name of the role. */
export function sessionKeysOf(principalId: string, roles: readonly RoleRef[]): { key: SessionKey; name: string }[] {
  const principal = parseSessionPrincipal(principalId);
  if (principal === undefined) return [];
  const { name } = principal;
  const keys = [{ key: principalSessionKey(principal), name }];
  return [...keys, ...roles.map((role) => ({ key: namedRoleSessionKey(role, name), name }))];
}
