import { assumedRoleRef, type RoleRef, roleRef } from '../identity/arn.ts';
import type { EpochMillis } from '../time.ts';
import type { TrailCaller } from './caller.ts';

/**
 * What one CloudTrail record says of the key that signed it: whose session it is, and when that began; of a long-term
 * key, whose it is. Each token that a cluster verifies leaves one (`GetCallerIdentity`), also for keys that no grant lists (FACTS).
 */
export interface Use {
  readonly accessKeyId: string;
  /** `AROA…:<session name>`, `<account>:<name>`, `AIDA…` or an account. */
  readonly principalId: string;
  readonly accountId?: string | undefined;
  readonly began?: EpochMillis | undefined;
  /** For grants that have no role id: the session's role, by account and name. */
  readonly role?: RoleRef | undefined;
}

/** Undefined where no key signed, or nothing says whose it is. */
export function useOf(caller: TrailCaller): Use | undefined {
  const { accessKeyId, principalId, accountId } = caller;
  if (accessKeyId === undefined || principalId === undefined) return undefined;
  return { accessKeyId, principalId, accountId, began: caller.sessionBegan, role: roleOf(caller) };
}

/** The role of the session that signed, by account and name. */
export function roleOf(caller: TrailCaller): RoleRef | undefined {
  const assumed = assumedRoleRef(caller.arn);
  return assumed === undefined
    ? roleRef(caller.issuer?.arn)
    : { accountId: assumed.accountId, roleName: assumed.roleName };
}
