import { isTemporaryKey } from '../identity/access-key.ts';
import { assumedRoleRef, type RoleRef, roleRef } from '../identity/arn.ts';
import { present } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import type { TrailCaller } from './caller.ts';

/**
 * What one CloudTrail record says of the temporary key that signed it: whose session it is, and when that began.
 * Each token that a cluster verifies leaves one (`GetCallerIdentity`), also for keys that no grant lists (FACTS).
 */
export interface Use {
  readonly accessKeyId: string;
  /** `AROA…:<session name>`, `<account>:<name>`, `AIDA…` or an account. */
  readonly principalId: string;
  readonly began?: EpochMillis;
  /** For grants that have no role id: the session's role, by account and name. */
  readonly role?: RoleRef;
}

/** Undefined where no temporary credentials signed, or nothing says whose they are. */
export function useOf(caller: TrailCaller): Use | undefined {
  const { accessKeyId, principalId } = caller;
  if (accessKeyId === undefined || principalId === undefined || !isTemporaryKey(accessKeyId)) return undefined;
  return present<Use>({ accessKeyId, principalId, began: caller.sessionBegan, role: roleOf(caller) });
}

/** The role of the session that signed, by account and name. */
export function roleOf(caller: TrailCaller): RoleRef | undefined {
  const assumed = assumedRoleRef(caller.arn);
  return assumed === undefined
    ? roleRef(caller.issuer?.arn)
    : { accountId: assumed.accountId, roleName: assumed.roleName };
}
