import type { AccessKeyId } from '../identity/access-key.ts';
import { assumedRoleRef, type RoleRef, roleRef } from '../identity/arn.ts';
import type { EpochMillis } from '../time.ts';
import type { SessionStatement, TrailCaller } from './caller.ts';

/**
 * What one CloudTrail record says of the key that signed it: whose session it is, when that began, and what the session
 * says of itself; of a long-term key, whose it is. Each token that a cluster verifies leaves one (`GetCallerIdentity`),
 * also for keys that no grant lists (FACTS).
 *
 * Trust: AWS writes it; the name in `principalId` was chosen by whoever obtained the session, but for Identity Center's.
 * Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element".
 */
export interface Use extends SessionStatement {
  readonly accessKeyId: AccessKeyId;
  /** `AROA…:<session name>`, `<account>:<name>`, `AIDA…` or an account. */
  readonly principalId: string;
  readonly accountId?: string | undefined;
  /** `creationDate`: when the session began. Absent where the record does not say, as for keys of no session. */
  readonly began?: EpochMillis | undefined;
  /** For grants that have no role id: the session's role, by account and name. */
  readonly role?: RoleRef | undefined;
}

/** Undefined where no key signed, or nothing says whose it is. */
export function useOf(caller: TrailCaller): Use | undefined {
  const { accessKeyId, principalId, accountId, sessionBegan: began } = caller;
  if (accessKeyId === undefined || principalId === undefined) return undefined;
  return { accessKeyId, principalId, accountId, began, role: roleOf(caller), ...statementOf(caller) };
}

function statementOf(statement: SessionStatement): SessionStatement {
  const { sourceIdentity, federatedProvider, mfa, credentialsIssuedTo, ec2RoleDelivery } = statement;
  const { onBehalfOf, identityStore, delegate, agent, assumedRoot, signInSession } = statement;
  return {
    sourceIdentity,
    federatedProvider,
    mfa,
    credentialsIssuedTo,
    ec2RoleDelivery,
    onBehalfOf,
    identityStore,
    delegate,
    agent,
    assumedRoot,
    signInSession,
  };
}

/** The role of the session that signed, by account and name. */
export function roleOf(caller: TrailCaller): RoleRef | undefined {
  const assumed = assumedRoleRef(caller.arn);
  return assumed === undefined
    ? roleRef(caller.issuer?.arn)
    : { accountId: assumed.accountId, roleName: assumed.roleName };
}
