import type { Attribution } from '../attribution/attribution.ts';
import type { Reason, Status } from '../attribution/reasons.ts';
import type { ActingCaller } from '../audit/caller.ts';
import type { EpochMillis } from '../time.ts';
import type { AlertCause } from './alert-cause.ts';
import type { ReadRange } from './read-range.ts';

/** What a claim's records have in common. */
export type ClaimCaller = ActingCaller;

/**
 * Who a claim is of.
 *
 * Trust: of `caller` and `session` what `Caller` says; the id cannot be chosen.
 */
export interface ClaimIdentity {
  /** A digest of uid, username, session name and access key; for service account tokens of the token's id too. */
  readonly id: string;
  /** Under what its records are found, such as `AROA…:<name>`: see `claimOf`. */
  readonly session: string;
  readonly caller: ClaimCaller;
}

/** Records that wait for a decision, or for what may later bear on one, as whoever stored them tells. */
export interface ClaimIntent extends ClaimIdentity {
  readonly status: Status;
  /** Times of the earliest and the latest event; absent where no event has a readable one. */
  readonly first?: EpochMillis;
  readonly last?: EpochMillis;
  /** Whether the events just happened; backfill and replay open claims that raise no alerts. */
  readonly live: boolean;
}

/**
 * All records with one claim are decided together. A claim that has a due time is open; closing takes the due time
 * away and keeps the item, so that a later grant can open it again.
 */
export interface Claim extends ClaimIntent {
  readonly openedAt: EpochMillis;
  /** When records or grants were last said to have come, or a new wait was noted: it closes two quiet minutes later. */
  readonly touchedAt: EpochMillis;
  readonly due?: EpochMillis;
  /** When its place in the lists last changed, by another status or a later last event; absent where it did not, or an earlier version wrote it. */
  readonly listedAt?: EpochMillis;
  /** How often settle has decided it since it was opened: what the back-off follows. */
  readonly rounds: number;
  /** A pass over the claim's records that is not through yet. */
  readonly pass?: Pass;
  /** What the last whole pass counted. */
  readonly tally?: ClaimTally;
  /** Where only records that came after the last closing are to be decided. Some claims live for months. */
  readonly window?: Window;
  /** What passes leave out until something comes that bears on it, or the claim is to close: see `final-part.ts`. */
  readonly finalPart?: FinalPart;
  /**
   * Records that came in the last minutes, the latest last; absent of a claim of few records. Where `touchedAt` is none of these times,
   * what came then is not told here: it may bear on all of the claim's records.
   */
  readonly came?: readonly Arrival[];
  readonly alerted?: SentCauses;
  /** Since when an answer that is due to be final is held back, because look-ups fail. */
  readonly heldSince?: EpochMillis;
  /** What its look-ups have read so far, where they take more than one run. */
  readonly read?: readonly ReadRange[];
  /** Records up to this event time are looked through when it is opened again, whether or not they had it opened. */
  readonly until?: EpochMillis;
}

export interface SentCauses {
  readonly at: EpochMillis;
  readonly causes: readonly AlertCause[];
  /** Those of the causes of which a notice was about to go out, an alert or what takes it back: after a crash nobody knows whether it did. */
  readonly unsure: readonly AlertCause[];
}

/** The part of a claim's records that is new since it closed. What came before is final, and counted. */
export interface Window {
  /** The earliest event of the new records; of those before it none is new. */
  readonly since: EpochMillis;
  /** The latest event that was counted when the claim closed. */
  readonly countedTo: EpochMillis;
  readonly tally: ClaimTally;
}

/** The earlier part of a claim's records: final, and counted. */
export interface FinalPart {
  /** It ends before this event time. */
  readonly before: EpochMillis;
  /** Without the number of records that have no readable time. */
  readonly tally: ClaimTally;
}

/** Records that came within one stretch of some minutes. */
export interface Arrival {
  /** When the last of them came. */
  readonly at: EpochMillis;
  /** The time of their earliest event; 0 where one has no readable time. */
  readonly from: EpochMillis;
}

export interface Pass {
  readonly startedAt: EpochMillis;
  /** Absent: over all records. */
  readonly window?: Window;
  /** What it leaves out. */
  readonly without?: FinalPart;
  /** The earliest event of what had come just before it began: from there on it may not see all records. */
  readonly freshFrom?: EpochMillis;
  /** What it found to be final, from the first record on. */
  readonly finalPart?: FinalPart;
  /** Records that it has counted and that each pass looks at, since their time is not readable: parts do not count them. */
  readonly untimed?: number;
  /** Whether that ends there: a record was met that is not final, or before which others may be missing. */
  readonly isPartWhole?: boolean;
  /** Where the next page begins; absent at the beginning. */
  readonly position?: string;
  readonly tally: ClaimTally;
}

/** What settle counted over a claim's records. Lists hold the first few, sorted. */
export interface ClaimTally {
  readonly count: number;
  readonly first?: string;
  readonly last?: string;
  readonly statuses: readonly Status[];
  readonly reasons: readonly Reason[];
  /** Those of the statuses that records delivered live have; absent in what an earlier version counted. */
  readonly liveStatuses?: readonly Status[];
  /** What live records give cause to alert about; backfill and replay give none. */
  readonly causes: readonly AlertCause[];
  readonly actors: readonly string[];
  readonly clusters: readonly string[];
  readonly verbs: readonly string[];
  readonly namespaces: readonly string[];
  /** Accounts and Regions that had not answered when an answer became final. */
  readonly unanswered?: readonly string[];
  /** Records whose answer may still change, and when the next of them becomes final. */
  readonly open: number;
  readonly nextFinal?: EpochMillis;
}

/** The gravest first: a claim bears the gravest status of its records. */
const GRAVITY: readonly Status[] = ['unattributed', 'ambiguous', 'pending', 'partial', 'attributed', 'system'];

/** The statuses by which claims are listed. */
export const LISTED_STATUSES = ['unattributed', 'ambiguous', 'pending', 'partial'] as const;
export type ListedStatus = (typeof LISTED_STATUSES)[number];

export function gravest(statuses: readonly Status[]): Status | undefined {
  return GRAVITY.find((status) => statuses.includes(status));
}

export function isListed(status: Status): status is ListedStatus {
  return LISTED_STATUSES.some((listed) => listed === status);
}

/** The claim as it is now, with the time at which it came to its place in the lists. */
export function listedAnew(before: Claim, claim: Claim, now: EpochMillis): Claim {
  return before.status === claim.status && before.last === claim.last ? claim : { ...claim, listedAt: now };
}

/** Whether its place in the lists may have changed since then; it never comes to one further down. */
export function mayHaveMoved({ listedAt, touchedAt }: Claim, since: EpochMillis): boolean {
  return (listedAt ?? touchedAt) >= since;
}

/** Whether settle must see the record: its answer may change, somebody must be told, or lists by status have it. */
export function needsClaim(attribution: Attribution, causes: readonly AlertCause[]): boolean {
  const { provisional, status } = attribution;
  return provisional || causes.length > 0 || isListed(status);
}
