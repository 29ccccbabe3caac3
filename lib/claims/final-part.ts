import { type EpochMillis, epochMillis, isUntimed, MINUTE } from '../time.ts';
import type { Arrival, Claim, ClaimTally, FinalPart, Pass } from './claim.ts';
import { EMPTY_TALLY } from './tally.ts';

/**
 * A claim that never is quiet has only the end of its records passed over. What lies before is final, and no pass looks at
 * it until a fact comes, a record comes that is as old, or the claim closes.
 */

/** How long a claim must have been quiet before it closes: longer than an index is ever late. */
export const QUIET = 2 * MINUTE;

/** What comes in one stretch is noted together, so that a claim's item stays small. */
const STRETCH = 5 * MINUTE;

/** The longest that a run takes (Lambda's own limit): a pass that is under way, and not noted with its claim, began no earlier. */
const LONGEST_RUN = 15 * MINUTE;

/** Of a pass that cannot go on, as where a record cannot be read, stretches come for as long as nobody mends that. */
const MOST_STRETCHES = 50;

/** Fewer records are not worth it: one request reads as many. */
const WORTH_IT = 50;

/** A time before all events. */
const ALL = epochMillis(0);

/**
 * What came lately, with records that come now: `first` is the time of their earliest event, absent where none can be read.
 * Undefined for a claim that had so few records that nothing is left out.
 */
export function cameAlso(
  claim: Claim,
  first: EpochMillis | undefined,
  now: EpochMillis,
): readonly Arrival[] | undefined {
  if (claim.tally === undefined || claim.tally.count < WORTH_IT) return undefined;
  const since = Math.min(claim.pass?.startedAt ?? now, now - LONGEST_RUN) - QUIET;
  const known = inFew(cameTo(claim).filter(({ at }) => at >= since));
  const last = known.at(-1);
  const from = first ?? ALL;
  if (last === undefined || stretchOf(last.at) !== stretchOf(now)) return [...known, { at: now, from }];
  return [...known.slice(0, -1), { at: now, from: epochMillis(Math.min(last.from, from)) }];
}

/**
 * The claim touched by what may bear on all of its records. It outdoes what came: were that kept, a delivery of the very
 * millisecond would hide it.
 */
export function bornOn({ came: _came, ...claim }: Claim, now: EpochMillis): Claim {
  return { ...claim, touchedAt: epochMillis(Math.max(claim.touchedAt, now)) };
}

/** What touched the claim and is not noted, such as a fact, may bear on all of its records. */
function cameTo({ came = [], touchedAt }: Claim): readonly Arrival[] {
  return came.at(-1)?.at === touchedAt ? came : [...came, { at: touchedAt, from: ALL }];
}

/** The first ones together: what came then is taken to have come with the last of them, and so bears on no less. */
function inFew(stretches: readonly Arrival[]): readonly Arrival[] {
  const surplus = stretches.slice(0, 2 - MOST_STRETCHES);
  const last = surplus.at(-1);
  if (last === undefined) return stretches;
  const from = epochMillis(Math.min(...surplus.map((each) => each.from)));
  return [{ at: last.at, from }, ...stretches.slice(2 - MOST_STRETCHES)];
}

function stretchOf(at: EpochMillis): number {
  return Math.floor(at / STRETCH);
}

/** From which event on something that came since then bears on the claim's records; undefined where nothing came. */
function bearingFrom(claim: Claim, since: number): EpochMillis | undefined {
  const times = cameTo(claim).flatMap(({ at, from }) => (at >= since ? [from] : []));
  return times.length === 0 ? undefined : epochMillis(Math.min(...times));
}

/** A pass over a claim's records that begins now. */
export function begun(claim: Claim, startedAt: EpochMillis): Pass {
  const { window, finalPart: without } = claim;
  const freshFrom = bearingFrom(claim, startedAt - QUIET);
  return {
    startedAt,
    ...(window && { window }),
    ...(without && { without }),
    ...(freshFrom !== undefined && { freshFrom }),
    tally: (without ?? window)?.tally ?? EMPTY_TALLY,
  };
}

/** From which event on it looks at the claim's records; undefined where at all of them. */
export function startOf({ window, without }: Pass): EpochMillis | undefined {
  return without?.before ?? window?.since;
}

/** A record that a pass has looked at. */
export interface LookedAt {
  readonly at: EpochMillis | undefined;
  /** Whether its answer is final, and stored. */
  readonly isFinal: boolean;
  /** What the pass has counted with it. */
  readonly tally: ClaimTally;
}

/** The pass with one more record, in the order of time: those of one time are final all together, or not. */
export function passedOver(pass: Pass, { at, isFinal, tally }: LookedAt): Pass {
  const { finalPart: part, freshFrom, untimed = 0 } = pass;
  if (at === undefined || isUntimed(at)) {
    const more = tally.count - pass.tally.count;
    return { ...pass, tally, untimed: untimed + more, ...(!isFinal && { isPartWhole: true }) };
  }
  if (pass.isPartWhole === true) return { ...pass, tally };
  const isNext = part === undefined || at > part.before;
  const counted = { ...pass.tally, count: pass.tally.count - untimed };
  const finalPart: FinalPart = isNext ? { before: at, tally: counted } : part;
  const isPartWhole = !isFinal || (freshFrom !== undefined && at >= freshFrom);
  return { ...pass, tally, finalPart, ...(isPartWhole && { isPartWhole }) };
}

/**
 * What the next pass may leave out: what this one found to be final, where nothing came meanwhile that bears on it, as far
 * as that is known; else what was left out before.
 */
export function partAfter(
  claim: Claim,
  { startedAt, finalPart: found }: Pass,
  now: EpochMillis,
): FinalPart | undefined {
  const { finalPart: known, pass } = claim;
  const isTracked = startedAt >= now - LONGEST_RUN || pass?.startedAt === startedAt;
  if (found === undefined || !isTracked) return known;
  const bearing = bearingFrom(claim, startedAt - QUIET);
  const isBorneOn = bearing !== undefined && bearing < found.before;
  const more = found.tally.count - (known?.tally.count ?? 0);
  return isBorneOn || more < WORTH_IT ? known : found;
}

/**
 * Whether no answer can change any more, and nothing had come in the two minutes before the pass began. The claim closes then,
 * but for a pass that left something out: one that leaves out nothing follows it.
 */
export function mayClose({ touchedAt }: Claim, { startedAt, tally }: Pass): boolean {
  return tally.open === 0 && startedAt - touchedAt >= QUIET;
}
