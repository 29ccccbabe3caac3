import type { Attribution, Reason, Status } from '../attribution/attribution.ts';
import type { ActingCaller } from '../audit/caller.ts';
import { type EpochMillis, epochMillis, HOUR } from '../time.ts';
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
  readonly alerted?: Alerted;
  /** Since when an answer that is due to be final is held back, because look-ups fail. */
  readonly heldSince?: EpochMillis;
  /** What its look-ups have read so far, where they take more than one run. */
  readonly read?: readonly ReadRange[];
  /** Records up to this event time are looked through when it is opened again, whether or not they had it opened. */
  readonly until?: EpochMillis;
}

export interface Alerted {
  readonly at: EpochMillis;
  readonly causes: readonly AlertCause[];
  /** Those of the causes whose alert was about to go out: after a crash nobody knows whether it did. */
  readonly unsure: readonly AlertCause[];
}

/** The part of a claim's records that is new since it closed. What came before is final, and counted. */
export interface Window {
  /** The earliest event of the new records; of those before it none is new. */
  readonly since: EpochMillis;
  /** The latest event when the claim closed. */
  readonly countedTo: EpochMillis;
  readonly tally: ClaimTally;
}

export interface Pass {
  readonly startedAt: EpochMillis;
  /** Absent: over all records. */
  readonly window?: Window;
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

/**
 * How much later than the records that opened it a claim's records may be and still be found by it: an access key that is
 * in use opens its claim once an hour, not with each batch.
 */
const AHEAD = HOUR;

/** Whether settle finds a record of this event time by the claim, whatever opens it. */
export function covers({ first, last, until = last }: Claim, at: EpochMillis | undefined): boolean {
  if (at === undefined) return true;
  return first !== undefined && until !== undefined && at >= first && at <= until;
}

/** A claim with these records, new or known: due now, and not quiet. An open pass will be followed by another. */
export function opened(claim: Claim | undefined, intent: ClaimIntent, now: EpochMillis): Claim {
  const until = later(claim?.until, intent.last && epochMillis(intent.last + AHEAD));
  const ahead = until === undefined ? {} : { until };
  if (claim === undefined) return { ...intent, ...ahead, openedAt: now, touchedAt: now, due: now, rounds: 0 };
  const first = earlier(claim.first, intent.first);
  const last = later(claim.last, intent.last);
  const status = gravest([claim.status, intent.status]) ?? intent.status;
  const { window: _window, ...rest } = claim;
  const window = windowOf(claim, intent);
  const filed = {
    ...rest,
    ...ahead,
    touchedAt: now,
    due: now,
    rounds: 0,
    ...(window && { window }),
    status: claim.due === undefined ? status : claim.status,
    live: claim.live || intent.live,
    ...(first !== undefined && { first }),
    ...(last !== undefined && { last }),
  };
  return listedAnew(claim, filed, now);
}

/** The claim as it is now, with the time at which it came to its place in the lists. */
export function listedAnew(before: Claim, claim: Claim, now: EpochMillis): Claim {
  return before.status === claim.status && before.last === claim.last ? claim : { ...claim, listedAt: now };
}

/** Whether its place in the lists may have changed since then; it never comes to one further down. */
export function mayHaveMoved({ listedAt, touchedAt }: Claim, since: EpochMillis): boolean {
  return (listedAt ?? touchedAt) >= since;
}

/** An open claim without a window is decided whole; a closed one from the intent's first event on. */
function windowOf(claim: Claim, { first }: ClaimIntent): Window | undefined {
  const { due, window, tally, last: countedTo } = claim;
  if (first === undefined) return undefined;
  if (window !== undefined) return { ...window, since: earlier(window.since, first) ?? first };
  return due === undefined && tally && countedTo !== undefined ? { since: first, countedTo, tally } : undefined;
}

/** A claim that waits for what has just come: it may bear on all of its records. */
export function reopened({ window: _window, ...claim }: Claim, now: EpochMillis): Claim {
  return { ...claim, touchedAt: now, due: now, rounds: 0 };
}

function earlier(a: EpochMillis | undefined, b: EpochMillis | undefined): EpochMillis | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function later(a: EpochMillis | undefined, b: EpochMillis | undefined): EpochMillis | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

/** Whether settle must see the record: its answer may change, somebody must be told, or lists by status have it. */
export function needsClaim(attribution: Attribution, causes: readonly AlertCause[]): boolean {
  const { provisional, status } = attribution;
  return provisional || causes.length > 0 || isListed(status);
}
