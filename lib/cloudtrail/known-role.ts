import { type RoleRef, roleRef } from '../identity/arn.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import type { TrailCaller } from './caller.ts';
import type { Grant } from './grant.ts';
import { roleOf } from './use.ts';

/** That a record states both a role's id and its ARN: usernames and grants may show only one of the two. */
export interface KnownRole {
  /** `AROA…` */
  readonly roleId: string;
  readonly role: RoleRef;
}

/** The roles that a record's caller and grant are of, where it states id and ARN. AWS writes both. */
export function knownRolesOf(caller: TrailCaller, grant: Grant | undefined): readonly KnownRole[] {
  const called = knownRole(roleIdOf(caller), roleOf(caller));
  const granted = knownRole(grant?.roleId, roleRef(grant?.roleArn));
  if (called === undefined) return granted === undefined ? [] : [granted];
  return granted === undefined || granted.roleId === called.roleId ? [called] : [called, granted];
}

function roleIdOf({ principalId, issuer }: TrailCaller): string | undefined {
  return parseSessionPrincipal(principalId)?.id ?? issuer?.principalId;
}

function knownRole(roleId: string | undefined, role: RoleRef | undefined): KnownRole | undefined {
  return role !== undefined && roleId?.startsWith('AROA') ? { roleId, role } : undefined;
}
