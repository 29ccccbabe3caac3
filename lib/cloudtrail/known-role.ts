import { assumedRoleRef, type RoleId, type RoleRef, roleIdOf, roleRef } from '../identity/arn.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import { filledTextAt, type JsonObject, objectAt } from '../json.ts';
import type { TrailCaller } from './caller.ts';
import { roleOf } from './use.ts';

/**
 * A role's ID and ARN, which one record states together. Usernames and grants may show only one of the two. Trust: AWS
 * writes both.
 */
export interface KnownRole {
  /** The ID of the role, `AROA…`. */
  readonly roleId: RoleId;
  readonly role: RoleRef;
}

/** Returns the roles for which a record states both ID and ARN: its caller's, and that of the issued session. */
export function knownRolesOf(record: JsonObject, caller: TrailCaller): readonly KnownRole[] {
  return eachRole(calledRole(caller), issuedRole(record));
}

/** Returns the role of the session that called. */
function calledRole(caller: TrailCaller): KnownRole | undefined {
  return knownRole(parseSessionPrincipal(caller.principalId)?.id ?? caller.issuer?.principalId, roleOf(caller));
}

/** Returns both roles, or one of them if they have the same ID. */
function eachRole(called: KnownRole | undefined, issued: KnownRole | undefined): readonly KnownRole[] {
  if (called === undefined) return issued === undefined ? [] : [issued];
  return issued === undefined || issued.roleId === called.roleId ? [called] : [called, issued];
}

/** Returns the role in the STS request, or else in the ARN of the session in the response. */
function issuedRole(record: JsonObject): KnownRole | undefined {
  const user = objectAt(objectAt(record, 'responseElements'), 'assumedRoleUser');
  if (user === undefined) return undefined;
  const requested = roleRef(filledTextAt(objectAt(record, 'requestParameters'), 'roleArn'));
  return knownRole(
    parseSessionPrincipal(filledTextAt(user, 'assumedRoleId'))?.id,
    requested ?? assumedRoleRef(filledTextAt(user, 'arn')),
  );
}

function knownRole(id: string | undefined, role: RoleRef | undefined): KnownRole | undefined {
  if (role === undefined || !id?.startsWith('AROA')) return undefined;
  const { partition, accountId, roleName } = role;
  return { roleId: roleIdOf(id), role: { partition, accountId, roleName } };
}
