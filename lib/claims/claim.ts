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
  /** A digest of uid, username, session name, access key and the account that handed the events over; for tokens also of the token's ID. */
  readonly id: string;
  /** The session under which its records are found, such as `AROA…:<name>`: see `claimOf`. */
  readonly session: string;
  readonly caller: ClaimCaller;
}

/** Records that wait for a decision, or for a fact that may change it later. Whoever stores the records announces them so. */
export interface ClaimIntent extends ClaimIdentity {
  readonly status: Status;
  /** The times of the earliest and the latest event; absent if no event has a readable time. */
  readonly first?: EpochMillis;
  readonly last?: EpochMillis;
  /** The account that sent the records which opened it: see `senderOf`. */
  readonly sender?: string;
  /** Whether the events just happened. Backfill and replay open claims that raise no alerts. */
  readonly live: boolean;
}

/**
 * A set of records that are decided together. A claim with a due time is open. Closing removes the due time and keeps
 * the item, so that a later grant can open it again.
 */
export interface Claim extends ClaimIntent {
  readonly openedAt: EpochMillis;
  /** The time at which records or grants last arrived, or at which a new wait was noted. The claim closes after two quiet minutes. */
  readonly touchedAt: EpochMillis;
  readonly due?: EpochMillis;
  /**
   * The time at which its place in the lists last changed, by another status or a later last event. Absent if it did not
   * change.
   */
  readonly listedAt?: EpochMillis;
  /** How often settle has decided it since it was opened. The pause between passes depends on it. */
  readonly rounds: number;
  /** An unfinished pass over the claim's records. */
  readonly pass?: Pass;
  /** The counts of the last complete pass. */
  readonly summary?: ClaimSummary;
  /** The window, if only records after the last closing must be decided. Some claims exist for months. */
  readonly window?: Window;
  /**
   * The part that passes leave out, until something arrives that affects it or the claim is about to close: see
   * `final-part.ts`.
   */
  readonly finalPart?: FinalPart;
  /**
   * The records of the last minutes, the latest last; absent for a claim with few records. If `touchedAt` is none of
   * these times, this list is incomplete, and what arrived may affect all of the claim's records.
   */
  readonly came?: readonly Arrival[];
  readonly alerted?: SentCauses;
  /**
   * Whether it waits in the list of look-ups. A run that makes no look-ups puts it there, and it stays until it closes. So
   * only a run that holds the lease of its list moves a claim to another list.
   */
  readonly needsLookUp?: boolean;
  /** The time since which a final answer is due but delayed, because look-ups fail. */
  readonly heldSince?: EpochMillis;
  /** The time until which settle leaves it undecided, because runs broke off on it. */
  readonly leftUntil?: EpochMillis;
  /** The ranges that its look-ups have read so far, if they need more than one run. */
  readonly read?: readonly ReadRange[];
  /** The event time up to which records are searched when the claim is opened again, whether or not they opened it. */
  readonly until?: EpochMillis;
}

export interface SentCauses {
  readonly at: EpochMillis;
  readonly causes: readonly AlertCause[];
  /**
   * The causes for which an alert or a resolution was about to be sent. After a crash, it is not known whether it was
   * sent.
   */
  readonly unsure: readonly AlertCause[];
}

/** The records of a claim that are new since it closed. Earlier records are final, and counted. */
export interface Window {
  /** The earliest event of the new records. No record before it is new. */
  readonly since: EpochMillis;
  /** The latest event that was counted when the claim closed. */
  readonly countedTo: EpochMillis;
  readonly summary: ClaimSummary;
}

/** The earlier part of a claim's records, which is final and counted. */
export interface FinalPart {
  /** The event time at which it ends, exclusive. */
  readonly before: EpochMillis;
  /** The counts of this part, without the records that have no readable time. */
  readonly summary: ClaimSummary;
}

/** The records that arrived within one period of some minutes. */
export interface Arrival {
  /** The time at which the last of them arrived. */
  readonly at: EpochMillis;
  /** The time of their earliest event; 0 if one has no readable time. */
  readonly from: EpochMillis;
}

/** One pass over a claim's records, which can continue in a later run. */
export interface Pass {
  readonly startedAt: EpochMillis;
  /** The window of the claim. Absent for a pass over all records. */
  readonly window?: Window;
  /** The part that it leaves out. */
  readonly without?: FinalPart;
  /**
   * The earliest event of the records that arrived just before the pass began. From this event on, the pass can miss
   * records.
   */
  readonly freshFrom?: EpochMillis;
  /** The part that it found to be final, from the first record on. */
  readonly finalPart?: FinalPart;
  /** The records without a readable time that it has counted. Each pass reads them, and parts do not count them. */
  readonly untimed?: number;
  /** Whether the final part is complete: the pass met a record that is not final, or before which others may be missing. */
  readonly isPartWhole?: boolean;
  /** The position at which the next page begins; absent at the start. */
  readonly position?: string;
  readonly summary: ClaimSummary;
}

/** The counts of a claim's records. Lists have the first few values, sorted. */
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
  /** The actors that the other copies of conflicting events name, and the origin of each copy. */
  readonly conflicts?: readonly string[];
  /** The places of these events: see `StoredRecord.id`. */
  readonly conflictPlaces?: readonly string[];
  readonly actors: readonly string[];
  readonly clusters: readonly string[];
  readonly verbs: readonly string[];
  readonly namespaces: readonly string[];
  /** The accounts that sent the records: see `senderOf`. */
  readonly senders: readonly string[];
  /** Accounts and Regions that had not answered when an answer became final. */
  readonly unanswered?: readonly string[];
  /** The number of records whose answer may still change, and when the next of them becomes final. */
  readonly open: number;
  readonly nextFinal?: EpochMillis;
}

/** Returns the accounts that sent the claim's records. Until a pass has read these, only the account that opened the claim is known. */
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

/** Returns the claim with the time at which it moved to its place in the lists. */
export function withListingTime(before: Claim, claim: Claim, now: EpochMillis): Claim {
  return before.status === claim.status && before.last === claim.last ? claim : { ...claim, listedAt: now };
}

/** Returns whether the claim's place in the lists may have changed since then. A claim never moves down. */
export function mayHaveMoved({ listedAt, touchedAt }: Claim, since: EpochMillis): boolean {
  return (listedAt ?? touchedAt) >= since;
}

/** Returns whether settle must see the record: its answer may change, it raises an alert, or it belongs in a list by status. */
export function needsClaim(attribution: Attribution, causes: readonly AlertCause[]): boolean {
  const { provisional, status } = attribution;
  return provisional || causes.length > 0 || isListed(status);
}
