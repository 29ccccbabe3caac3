import type { ActingCaller } from '../audit/caller.ts';
import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { roleOf, type Use } from '../cloudtrail/use.ts';
import { assumedRoleRef, isSameRole, type RoleRef, roleIdOf, roleRef } from '../identity/arn.ts';
import { namedRoleSessionKey, principalSessionKey, type SessionKey } from '../identity/session-key.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import type { GrantIndex } from './grant-index.ts';

/**
 * The session of an audit event's caller, or of the caller of a grant in a chain. Each field may be missing; those that
 * are present must agree with a grant.
 */
export interface SessionClaim {
  readonly kind: 'role' | 'federated-user' | 'unstated';
  /** `AROA…`, or the account of a federated user. */
  readonly id?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly accountId?: string | undefined;
  /**
   * Returns the role by account and name, for grants without a role ID. It is read on demand, because few grants are of
   * that kind.
   */
  readonly role: () => RoleRef | undefined;
}

/**
 * Returns the session that an audit event's caller claims. Names from the username are not part of it, because they are
 * not stated.
 */
export function claimOfCaller(caller: ActingCaller, index: GrantIndex): SessionClaim {
  const { roleId, accountId, sessionName } = caller;
  const federated = caller.kind === 'federated-user';
  const id = federated ? accountId : roleId;
  const kind = federated ? 'federated-user' : id === undefined ? 'unstated' : 'role';
  return { kind, id, sessionName, accountId, role: () => rolesOfCaller(caller, index)[0] };
}

/** Returns the caller's role as the event states it, else as any known record does; empty if neither does. */
export function rolesOfCaller({ arn, canonicalArn, roleId }: ActingCaller, index: GrantIndex): readonly RoleRef[] {
  const stated = assumedRoleRef(arn) ?? roleRef(canonicalArn);
  if (stated !== undefined) return [stated];
  return roleId === undefined ? [] : index.rolesOf(roleId);
}

/** Returns the session of a grant's caller. AWS states its principal ID. */
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

/** Returns the role of a session that signed a record: the one that the record states, else those that others give its role ID. */
export function rolesOfPrincipal(
  principalId: string | undefined,
  stated: RoleRef | undefined,
  index: Pick<GrantIndex, 'rolesOf'>,
): readonly RoleRef[] {
  if (stated !== undefined) return [stated];
  const id = parseSessionPrincipal(principalId)?.id;
  return id?.startsWith('AROA') ? index.rolesOf(roleIdOf(id)) : [];
}

/** Returns whether the grant's session can be the claimed one: role ID and session name must agree if both sides state them. */
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

/** Returns whether the principal that a use states can be the claimed one. */
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

/** Returns the keys under which the grants of a principal's session are stored: by its ID, and by the names of its roles. */
export function sessionKeysOf(principalId: string, roles: readonly RoleRef[]): { key: SessionKey; name: string }[] {
  const principal = parseSessionPrincipal(principalId);
  if (principal === undefined) return [];
  const { name } = principal;
  const keys = [{ key: principalSessionKey(principal), name }];
  return [...keys, ...roles.map((role) => ({ key: namedRoleSessionKey(role, name), name }))];
}
