import type { AccessKeyId } from '../identity/access-key.ts';
import { assumedRoleRef, type RoleRef, roleRef } from '../identity/arn.ts';
import type { EpochMillis } from '../time.ts';
import type { SessionStatement, TrailCaller } from './caller.ts';

/**
 * What one CloudTrail record states about the key that signed it. It has the owner of the key's session, when the
 * session began, and what the session states. For a long-term key, it states the owner of the key. Each token that a
 * cluster
 * verifies causes one use (`GetCallerIdentity`), even for keys that no grant lists (FACTS).
 * Trust: AWS writes it. Whoever obtained the session chose the name in `principalId`, except in Identity Center's
 * sessions. Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element".
 */
export interface Use extends SessionStatement {
  readonly accessKeyId: AccessKeyId;
  /** `AROA…:<session name>`, `<account>:<name>`, `AIDA…` or an account. */
  readonly principalId: string;
  readonly accountId?: string | undefined;
  /** `creationDate`: when the session began. Absent if the record does not state it, as for keys without a session. */
  readonly began?: EpochMillis | undefined;
  /** The session's role by account and name, for grants without a role ID. */
  readonly role?: RoleRef | undefined;
  /** The record that is the evidence. */
  readonly record: UseRecord;
}

/** The CloudTrail record of a use. AWS states it. */
export interface UseRecord {
  readonly eventName: string;
  readonly eventId?: string | undefined;
  readonly region?: string | undefined;
  /** The time of the call (`eventTime`). */
  readonly at?: EpochMillis | undefined;
}

/** Returns the use. Undefined if no key signed, or if nothing states whose key it is. */
export function useOf(caller: TrailCaller, record: UseRecord): Use | undefined {
  const { accessKeyId, principalId, accountId, sessionBegan: began } = caller;
  if (accessKeyId === undefined || principalId === undefined) return undefined;
  return { accessKeyId, principalId, accountId, began, role: roleOf(caller), ...statementOf(caller), record };
}

/**
 * Returns the rank of a use. Of uses that state the same, the one with the smallest rank is the evidence (CONTRACT,
 * rule 5). Uses with an event ID come first, then the earliest. The event ID and all other fields decide between equal
 * ones, so that uses can arrive in any order.
 */
export function rankOfUse({ eventName, eventId, region, at }: UseRecord): string {
  const time = at === undefined ? '~' : new Date(Math.trunc(at)).toISOString(); // All have one length, so they sort like the times.
  const rank = [eventId === undefined ? '~' : '', time, eventId ?? '', eventName, region ?? ''].join(' ');
  return rank.slice(0, LONGEST_RANK);
}

/** Returns whether a record is better evidence than another one that states the same. It is if its rank is smaller. */
export function isBetterRecord(record: UseRecord, than: UseRecord): boolean {
  const { eventId, at } = record;
  const isPlain = eventId !== undefined && than.eventId !== undefined && at !== undefined && than.at !== undefined;
  if (isPlain && Math.trunc(at) !== Math.trunc(than.at)) return at < than.at; // The ranks would give the same result, but slower.
  return rankOfUse(record) < rankOfUse(than);
}

/**
 * Limits the UTF-16 code units of a text. AWS's IDs have 36. A table's item has space for one forged ID of this length.
 */
const LONGEST_RANK = 1_024;

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

/** Returns the role of the session that signed. */
export function roleOf(caller: TrailCaller): RoleRef | undefined {
  const assumed = assumedRoleRef(caller.arn);
  if (assumed === undefined) return roleRef(caller.issuer?.arn);
  const { partition, accountId, roleName } = assumed;
  return { partition, accountId, roleName };
}
