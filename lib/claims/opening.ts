import { type EpochMillis, epochMillis, HOUR, parseInstant } from '../time.ts';
import { type Claim, type ClaimIntent, gravest, type Window, withListingTime } from './claim.ts';
import { invalidateClaim, recordArrival } from './final-part.ts';
import { EMPTY_SUMMARY } from './summary.ts';

/**
 * How much later a record may be than those that opened the claim, in milliseconds. So an access key in use opens its
 * claim once an hour, not with each batch.
 */
const AHEAD = HOUR;

/**
 * Returns whether settle finds a record of this event time through the claim as it is, so that the claim need not be opened again. Settle
 * must have read a record of the claim, because it then noted what can change the answer. If the event time is readable, that record's time
 * must be readable too, and the event must lie in the claim's time range. The range alone is not enough: it comes from announced records,
 * which may never have been stored.
 */
export function covers(
  { summary = EMPTY_SUMMARY, first, last, until = last }: Claim,
  at: EpochMillis | undefined,
): boolean {
  if (at === undefined) return summary.count > 0;
  return summary.last !== undefined && first !== undefined && until !== undefined && at >= first && at <= until;
}

/** Returns the claim with these records, new or known. It is due now, and not quiet. Another pass follows an unfinished one. */
export function openClaim(claim: Claim | undefined, intent: ClaimIntent, now: EpochMillis): Claim {
  const until = later(claim?.until, intent.last && epochMillis(intent.last + AHEAD));
  const ahead = until === undefined ? {} : { until };
  if (claim === undefined) return { ...intent, ...ahead, openedAt: now, touchedAt: now, due: now, rounds: 0 };
  const first = earlier(claim.first, intent.first);
  const last = later(claim.last, intent.last);
  const status = gravest([claim.status, intent.status]) ?? intent.status;
  const { window: _window, finalPart: part, came: _came, ...rest } = claim;
  const window = windowOf(claim, intent);
  const came = recordArrival(claim, intent.first, now);
  const isLater = part !== undefined && intent.first !== undefined && intent.first >= part.before;
  const filed = {
    ...rest,
    ...ahead,
    touchedAt: now,
    due: now,
    rounds: 0,
    ...(window && { window }),
    ...(isLater && { finalPart: part }),
    ...(came && { came }),
    status: claim.due === undefined ? status : claim.status,
    live: claim.live || intent.live,
    ...(first !== undefined && { first }),
    ...(last !== undefined && { last }),
  };
  return withListingTime(claim, filed, now);
}

/**
 * Returns the window. It is undefined if the claim must be decided as a whole: if the intent has no readable time, if the
 * claim is open without a window, or if no pass has read one of its records. Otherwise it begins at the earliest new event.
 */
function windowOf(claim: Claim, { first }: ClaimIntent): Window | undefined {
  const { due, window, summary } = claim;
  if (first === undefined) return undefined;
  if (window !== undefined) return { ...window, since: earlier(window.since, first) ?? first };
  const countedTo = summary?.last === undefined ? undefined : parseInstant(summary.last);
  return due === undefined && summary && countedTo !== undefined ? { since: first, countedTo, summary } : undefined;
}

/** Returns a claim that waits for what has just arrived. It may affect all of the claim's records. */
export function reopenClaim({ window: _window, finalPart: _part, ...claim }: Claim, now: EpochMillis): Claim {
  return { ...invalidateClaim(claim, now), due: now, rounds: 0 };
}

function earlier(a: EpochMillis | undefined, b: EpochMillis | undefined): EpochMillis | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function later(a: EpochMillis | undefined, b: EpochMillis | undefined): EpochMillis | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
