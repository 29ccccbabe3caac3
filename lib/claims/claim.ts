import type { Attribution } from '../attribution/attribution.ts';
import type { Reason, Status } from '../attribution/reasons.ts';
import type { ActingCaller } from '../audit/caller.ts';
import type { EpochMillis } from '../time.ts';
import type { AlertCause } from './alert-cause.ts';
import type { ReadRange } from './read-range.ts';

/** The caller fields that all records of a claim share. */
export type ClaimCaller = ActingCaller;

/**
 * The identity of a claim.
 *
 * Trust: for `caller` and `session` see `Caller`. Nobody can choose the ID.
 */
export interface ClaimIdentity {
  /**
   * A digest of the uid, username, session name, access key and the account that handed the events over. A token's ID
   * is part of it too.
   */
  readonly id: string;
  /** The session by which the claim's records are found, such as `AROA…:<name>` (see `claimOf`). */
  readonly session: string;
  readonly caller: ClaimCaller;
}

/**
 * The announcement of records that are about to be stored. They wait for a decision, or for a fact that can change it.
 * Announced claims are not lost in a crash.
 */
export interface ClaimIntent extends ClaimIdentity {
  readonly status: Status;
  /** The times of the earliest and the latest event. Absent if no event has a readable time. */
  readonly first?: EpochMillis;
  readonly last?: EpochMillis;
  /** The account that sent the records that opened the claim (see `senderOf`). */
  readonly sender?: string;
  /** Whether the events have just happened. Claims that backfill or replay opened raise no alerts. */
  readonly live: boolean;
}

/**
 * Records that are decided together. A claim is open as long as it has a due time. Closing removes only that time, so
 * that a later grant can open the claim again.
 */
export interface Claim extends ClaimIntent {
  readonly openedAt: EpochMillis;
  /** When records or grants last arrived, or when a wait was last noted. After two quiet minutes, the claim closes. */
  readonly touchedAt: EpochMillis;
  readonly due?: EpochMillis;
  /** When the claim last moved in the lists, by a new status or a later last event. Absent if it has not moved. */
  readonly listedAt?: EpochMillis;
  /** The number of passes of settle since the claim was opened. The pause before the next pass depends on it. */
  readonly rounds: number;
  /** The pass over the claim's records that has not ended. */
  readonly pass?: Pass;
  /** The counts of the last complete pass. */
  readonly summary?: ClaimSummary;
  /** Present if only records since the claim last closed must be decided. Some claims exist for months. */
  readonly window?: Window;
  /**
   * The records that passes leave out, because they are final and counted. Something that affects them ends this, and
   * so does closing the claim (see `final-part.ts`).
   */
  readonly finalPart?: FinalPart;
  /**
   * What arrived in the last minutes, the latest last. Absent for a claim with few records. If no entry has the time
   * `touchedAt`, the list is not complete. Then what arrived can affect all records of the claim.
   */
  readonly came?: readonly Arrival[];
  readonly alerted?: SentCauses;
  /**
   * Whether the claim is in the list of look-ups. A run without look-ups moves it there, and it stays there until it
   * closes. So only a run that holds the lease of a claim's list moves the claim.
   */
  readonly needsLookUp?: boolean;
  /** Since when an answer should be final, but is delayed by failed look-ups. */
  readonly heldSince?: EpochMillis;
  /** Until when settle does not decide the claim, because runs broke off on it. */
  readonly leftUntil?: EpochMillis;
  /** The ranges that the claim's look-ups have read so far. Present if the look-ups need more than one run. */
  readonly read?: readonly ReadRange[];
  /** The event time up to which a claim that is opened again covers records, even those that did not open it. */
  readonly until?: EpochMillis;
}

export interface SentCauses {
  readonly at: EpochMillis;
  readonly causes: readonly AlertCause[];
  /**
   * The causes of an alert or a resolution that was about to be sent. After a crash, nobody knows whether it was sent.
   */
  readonly unsure: readonly AlertCause[];
}

/** The records of a claim that came after it closed. All earlier ones are final and counted. */
export interface Window {
  /** The time of the earliest new event. Records before it are not new. */
  readonly since: EpochMillis;
  /** The time of the latest event that was counted when the claim closed. */
  readonly countedTo: EpochMillis;
  readonly summary: ClaimSummary;
}

/** The earliest records of a claim, all of which are final and counted. */
export interface FinalPart {
  /** The event time at which this part ends. Records with exactly this time do not belong to it. */
  readonly before: EpochMillis;
  /** The counts of this part. Records without a readable time do not count. */
  readonly summary: ClaimSummary;
}

/** The records that arrived within one period of some minutes. */
export interface Arrival {
  /** When the last of these records arrived. */
  readonly at: EpochMillis;
  /** The time of the earliest event. It is 0 if a record has no readable time. */
  readonly from: EpochMillis;
}

/** One pass over a claim's records, which can continue in a later run. */
export interface Pass {
  readonly startedAt: EpochMillis;
  /** The window of the claim. Absent if the pass reads all records. */
  readonly window?: Window;
  /** The final part that this pass leaves out. Absent if it leaves out none. */
  readonly without?: FinalPart;
  /**
   * The time of the earliest event among records that arrived just before the pass. The pass can miss records from that
   * time on.
   */
  readonly freshFrom?: EpochMillis;
  /** The records that this pass has found to be final so far, from the first one on. */
  readonly finalPart?: FinalPart;
  /** The number of counted records without a readable time. Every pass reads them, and they belong to no final part. */
  readonly untimed?: number;
  /**
   * Whether the final part has ended. The pass came to a record that is not final, or before which others may be
   * missing.
   */
  readonly isPartWhole?: boolean;
  /** The position at which the next page begins. Absent at the start. */
  readonly position?: string;
  readonly summary: ClaimSummary;
}

/** The counts of a claim's records. Each list has a limited number of values, sorted. */
export interface ClaimSummary {
  readonly count: number;
  readonly first?: string;
  readonly last?: string;
  readonly statuses: readonly Status[];
  readonly reasons: readonly Reason[];
  /** The statuses of records that were delivered live. */
  readonly liveStatuses: readonly Status[];
  /** The alert causes of live records. Records from backfill and replay have none. */
  readonly causes: readonly AlertCause[];
  /** The actors that other copies of conflicting events name, and where each copy comes from. */
  readonly conflicts?: readonly string[];
  /** The places of these events (see `StoredRecord.id`). */
  readonly conflictPlaces?: readonly string[];
  readonly actors: readonly string[];
  readonly clusters: readonly string[];
  readonly verbs: readonly string[];
  readonly namespaces: readonly string[];
  /** The accounts that sent the records: see `senderOf`. */
  readonly senders: readonly string[];
  /** Accounts and Regions that had not answered when an answer became final. */
  readonly unanswered?: readonly string[];
  /**
   * The number of records whose answer can still change. `nextFinal` is the time at which the first of them becomes
   * final.
   */
  readonly open: number;
  readonly nextFinal?: EpochMillis;
}

/**
 * Returns the accounts that sent the claim's records. Before the first pass, only the account that opened the claim is
 * known.
 */
export function sendersOf({ summary, sender }: Pick<Claim, 'summary' | 'sender'>): readonly (string | undefined)[] {
  return summary === undefined || summary.senders.length === 0 ? [sender] : summary.senders;
}

/** The statuses, the gravest first. A claim has the gravest status of its records. */
const GRAVITY: readonly Status[] = ['unattributed', 'ambiguous', 'pending', 'partial', 'attributed', 'system'];

/** The statuses by which claims are listed. */
export const LISTED_STATUSES = ['unattributed', 'ambiguous', 'pending', 'partial'] as const;
export type ListedStatus = (typeof LISTED_STATUSES)[number];

/** Returns the gravest of the statuses; undefined for an empty list. */
export function gravest(statuses: readonly Status[]): Status | undefined {
  return GRAVITY.find((status) => statuses.includes(status));
}

/** Returns whether `/sessions` lists claims of this status. */
export function isListed(status: Status): status is ListedStatus {
  return LISTED_STATUSES.some((listed) => listed === status);
}

/** Returns the claim with `listedAt` set, if its place in the lists has changed. */
export function withListingTime(before: Claim, claim: Claim, now: EpochMillis): Claim {
  return before.status === claim.status && before.last === claim.last ? claim : { ...claim, listedAt: now };
}

/** Returns whether the claim's place in the lists can have changed since `since`. A claim never moves down. */
export function mayHaveMoved({ listedAt, touchedAt }: Claim, since: EpochMillis): boolean {
  return (listedAt ?? touchedAt) >= since;
}

/** Returns whether a record needs a claim. Its answer may change, it raises an alert, or lists by status show it. */
export function needsClaim(attribution: Attribution, causes: readonly AlertCause[]): boolean {
  const { provisional, status } = attribution;
  return provisional || causes.length > 0 || isListed(status);
}
