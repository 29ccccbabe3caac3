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
  /** Where it is to be found: the evidence for what it says. Absent in what earlier versions stored. */
  readonly record?: UseRecord | undefined;
}

/** The CloudTrail record that a use is. AWS's word. */
export interface UseRecord {
  readonly eventName: string;
  readonly eventId?: string | undefined;
  readonly region?: string | undefined;
  /** `eventTime` */
  readonly at?: EpochMillis | undefined;
}

/** Undefined where no key signed, or nothing says whose it is. */
export function useOf(caller: TrailCaller, record: UseRecord): Use | undefined {
  const { accessKeyId, principalId, accountId, sessionBegan: began } = caller;
  if (accessKeyId === undefined || principalId === undefined) return undefined;
  return { accessKeyId, principalId, accountId, began, role: roleOf(caller), ...statementOf(caller), record };
}

/**
 * Of uses that say the same, the one whose rank is the smallest text is the evidence (CONTRACT, rule 5): one that has an
 * event id, then the earliest, then by event id; by all else, so that the order of arrival does not matter.
 */
export function rankOfUse({ eventName, eventId, region, at }: UseRecord): string {
  const time = at === undefined ? '~' : new Date(Math.trunc(at)).toISOString(); // always as long, so that texts sort as times
  const rank = [eventId === undefined ? '~' : '', time, eventId ?? '', eventName, region ?? ''].join(' ');
  return rank.slice(0, LONGEST_RANK);
}

/** Whether a record is better evidence than another one that says the same: of the smaller rank. */
export function isBetterRecord(record: UseRecord | undefined, than: UseRecord | undefined): boolean {
  if (record === undefined || than === undefined) return record !== undefined;
  const { eventId, at } = record;
  const isPlain = eventId !== undefined && than.eventId !== undefined && at !== undefined && than.at !== undefined;
  if (isPlain && Math.trunc(at) !== Math.trunc(than.at)) return at < than.at; // as the ranks say, for nearly all
  return rankOfUse(record) < rankOfUse(than);
}

/** In UTF-16 code units: ids of AWS have 36, and an item of a table has room for a forged one once. */
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

/** The role of the session that signed, by account and name. */
export function roleOf(caller: TrailCaller): RoleRef | undefined {
  const assumed = assumedRoleRef(caller.arn);
  return assumed === undefined
    ? roleRef(caller.issuer?.arn)
    : { accountId: assumed.accountId, roleName: assumed.roleName };
}
