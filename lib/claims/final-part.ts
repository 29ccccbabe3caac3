import { type EpochMillis, epochMillis, isUntimed, MINUTE } from '../time.ts';
import type { Arrival, Claim, ClaimSummary, FinalPart, Pass } from './claim.ts';
import { EMPTY_SUMMARY } from './summary.ts';

/**
 * The final part of a claim that is never quiet. Passes read only the end of its records. The part before is final. No
 * pass reads it until a fact arrives, a record as old as the part arrives, or the claim is about to close.
 */

/** How long a claim must be quiet before it closes, in milliseconds. An index is never this late. */
export const QUIET = 2 * MINUTE;

/**
 * The length of a period, in milliseconds. Arrivals within a period are noted as one, so that the claim's item stays
 * small.
 */
const PERIOD = 5 * MINUTE;

/**
 * The longest time that a run takes, in milliseconds (Lambda's limit). If an unfinished pass is not stored with its
 * claim, it began within this time.
 */
const LONGEST_RUN = 15 * MINUTE;

/** Limits the list of arrivals while a pass is stuck, for example because a record cannot be read. */
const MOST_ARRIVALS = 50;

/** The number of records at which a claim gets a final part. One request can read almost as many at once. */
const WORTH_IT = 50;

/** A time before all events. */
const ALL = epochMillis(0);

/**
 * Returns the claim's recent arrivals, with those that arrive now. Undefined if the claim has too few records for a
 * final part.
 * @param first the time of the earliest event that arrives. Undefined if none is readable.
 */
export function recordArrival(
  claim: Claim,
  first: EpochMillis | undefined,
  now: EpochMillis,
): readonly Arrival[] | undefined {
  if (claim.summary === undefined || claim.summary.count < WORTH_IT) return undefined;
  const since = Math.min(claim.pass?.startedAt ?? now, now - LONGEST_RUN) - QUIET;
  const known = mergeArrivals(arrivalsOf(claim).filter(({ at }) => at >= since));
  const last = known.at(-1);
  const from = first ?? ALL;
  if (last === undefined || periodOf(last.at) !== periodOf(now)) return [...known, { at: now, from }];
  return [...known.slice(0, -1), { at: now, from: epochMillis(Math.min(last.from, from)) }];
}

/**
 * Marks every record of the claim for re-evaluation. For this it removes the list of arrivals. Otherwise records that
 * were delivered in the same millisecond would hide the mark.
 */
export function invalidateClaim({ came: _came, ...claim }: Claim, now: EpochMillis): Claim {
  return { ...claim, touchedAt: epochMillis(Math.max(claim.touchedAt, now)) };
}

/**
 * Returns the arrivals that affect the claim. If something arrived that is not in the list, such as a fact, it can
 * affect all records.
 */
function arrivalsOf({ came = [], touchedAt }: Claim): readonly Arrival[] {
  return came.at(-1)?.at === touchedAt ? came : [...came, { at: touchedAt, from: ALL }];
}

/**
 * Merges the oldest arrivals if there are too many. They count as if they came with the last of them, so they affect no
 * fewer records.
 */
function mergeArrivals(arrivals: readonly Arrival[]): readonly Arrival[] {
  const surplus = arrivals.slice(0, 2 - MOST_ARRIVALS);
  const last = surplus.at(-1);
  if (last === undefined) return arrivals;
  const from = epochMillis(Math.min(...surplus.map((each) => each.from)));
  return [{ at: last.at, from }, ...arrivals.slice(2 - MOST_ARRIVALS)];
}

function periodOf(at: EpochMillis): number {
  return Math.floor(at / PERIOD);
}

/** Returns the earliest event time that arrivals since `since` affect. Undefined if nothing arrived. */
function affectedFrom(claim: Claim, since: number): EpochMillis | undefined {
  const times = arrivalsOf(claim).flatMap(({ at, from }) => (at >= since ? [from] : []));
  return times.length === 0 ? undefined : epochMillis(Math.min(...times));
}

/** Returns a pass over the claim's records that begins now. */
export function beginPass(claim: Claim, startedAt: EpochMillis): Pass {
  const { window, finalPart: without } = claim;
  const freshFrom = affectedFrom(claim, startedAt - QUIET);
  return {
    startedAt,
    ...(window && { window }),
    ...(without && { without }),
    ...(freshFrom !== undefined && { freshFrom }),
    summary: (without ?? window)?.summary ?? EMPTY_SUMMARY,
  };
}

/** Returns the event time at which the pass begins to read. Undefined if it reads all records. */
export function startOf({ window, without }: Pass): EpochMillis | undefined {
  return without?.before ?? window?.since;
}

/** A record that a pass has read. */
export interface PassedRecord {
  readonly at: EpochMillis | undefined;
  /** Whether the record's answer is final and stored. */
  readonly isFinal: boolean;
  /** The counts of the pass, including this record. */
  readonly summary: ClaimSummary;
}

/**
 * Returns the pass with one more record. Add records in the order of time. Of records with the same time, either all
 * are final or none counts as final.
 */
export function addToPass(pass: Pass, { at, isFinal, summary }: PassedRecord): Pass {
  const { finalPart: part, freshFrom, untimed = 0 } = pass;
  if (at === undefined || isUntimed(at)) {
    const more = summary.count - pass.summary.count;
    return { ...pass, summary, untimed: untimed + more, ...(!isFinal && { isPartWhole: true }) };
  }
  if (pass.isPartWhole === true) return { ...pass, summary };
  const isNext = part === undefined || at > part.before;
  const counted = { ...pass.summary, count: pass.summary.count - untimed };
  const finalPart: FinalPart = isNext ? { before: at, summary: counted } : part;
  const isPartWhole = !isFinal || (freshFrom !== undefined && at >= freshFrom);
  return { ...pass, summary, finalPart, ...(isPartWhole && { isPartWhole }) };
}

/**
 * Returns the part that the next pass may leave out. Usually this is what the pass found to be final. If something that
 * affects it arrived during the pass, it is what that pass left out.
 */
export function finalPartAfter(
  claim: Claim,
  { startedAt, finalPart: found }: Pass,
  now: EpochMillis,
): FinalPart | undefined {
  const { finalPart: known, pass } = claim;
  const isTracked = startedAt >= now - LONGEST_RUN || pass?.startedAt === startedAt;
  if (found === undefined || !isTracked) return known;
  const bearing = affectedFrom(claim, startedAt - QUIET);
  const isAffected = bearing !== undefined && bearing < found.before;
  const more = found.summary.count - (known?.summary.count ?? 0);
  return isAffected || more < WORTH_IT ? known : found;
}

/**
 * Returns whether the claim can close. No answer can change any more, and nothing arrived in the two minutes before the
 * pass began. If the pass left out records, a pass over all of them must come first.
 */
export function mayClose({ touchedAt }: Claim, { startedAt, summary }: Pass): boolean {
  return summary.open === 0 && startedAt - touchedAt >= QUIET;
}
