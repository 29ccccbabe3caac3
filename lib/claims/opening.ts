import { type EpochMillis, epochMillis, HOUR, parseInstant } from '../time.ts';
import { type Claim, type ClaimIntent, gravest, type Window, withListingTime } from './claim.ts';
import { invalidateClaim, recordArrival } from './final-part.ts';
import { EMPTY_SUMMARY } from './summary.ts';

/**
 * How much later than the records that opened a claim a record can be without opening it again, in milliseconds. So an
 * access key that is in use opens its claim once an hour, not with every batch.
 */
const AHEAD = HOUR;

/**
 * Returns whether settle finds a record with this event time anyway, so that the claim need not be opened again.
 * Settle must have read a record of the claim, because only then it has noted what can change the answer. If the event
 * has a readable time, that record must have one too. The event must also be in the claim's time range. The range alone
 * is not enough, because the announced records behind it may never have been stored.
 */
export function covers(
  { summary = EMPTY_SUMMARY, first, last, until = last }: Claim,
  at: EpochMillis | undefined,
): boolean {
  if (at === undefined) return summary.count > 0;
  return summary.last !== undefined && first !== undefined && until !== undefined && at >= first && at <= until;
}

/**
 * Returns the claim after these records were announced. It is due now, and no longer quiet. If a pass is under way,
 * another one follows it.
 */
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
 * Returns the window of the new records. Undefined if all records of the claim must be decided. This is so if the
 * intent has no readable time or the claim is open without a window. It is also so if no pass has read a record of the
 * claim.
 */
function windowOf(claim: Claim, { first }: ClaimIntent): Window | undefined {
  const { due, window, summary } = claim;
  if (first === undefined) return undefined;
  if (window !== undefined) return { ...window, since: earlier(window.since, first) ?? first };
  const countedTo = summary?.last === undefined ? undefined : parseInstant(summary.last);
  return due === undefined && summary && countedTo !== undefined ? { since: first, countedTo, summary } : undefined;
}

/** Returns the claim after something arrived that can affect all of its records. */
export function reopenClaim({ window: _window, finalPart: _part, ...claim }: Claim, now: EpochMillis): Claim {
  return { ...invalidateClaim(claim, now), due: now, rounds: 0 };
}

function earlier(a: EpochMillis | undefined, b: EpochMillis | undefined): EpochMillis | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function later(a: EpochMillis | undefined, b: EpochMillis | undefined): EpochMillis | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
