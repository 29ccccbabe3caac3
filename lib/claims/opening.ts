import { type EpochMillis, epochMillis, HOUR, parseInstant } from '../time.ts';
import { type Claim, type ClaimIntent, gravest, listedAnew, type Window } from './claim.ts';
import { bornOn, cameAlso } from './final-part.ts';
import { EMPTY_TALLY } from './tally.ts';

/** What has a claim decided again: records that come, and facts that bear on those that are there. */

/**
 * How much later than the records that opened it a claim's records may be and still be found by it: an access key that is
 * in use opens its claim once an hour, not with each batch.
 */
const AHEAD = HOUR;

/**
 * Whether settle finds a record of this event time by the claim, whatever opens it. It does once a pass has seen a record of the claim,
 * and so noted what could change the answer; one with a readable time, of which more is asked. A claim may have seen none: its times
 * are those of records that a delivery announced, and may never have stored.
 */
export function covers(
  { tally = EMPTY_TALLY, first, last, until = last }: Claim,
  at: EpochMillis | undefined,
): boolean {
  if (at === undefined) return tally.count > 0;
  return tally.last !== undefined && first !== undefined && until !== undefined && at >= first && at <= until;
}

/** A claim with these records, new or known: due now, and not quiet. An open pass will be followed by another. */
export function opened(claim: Claim | undefined, intent: ClaimIntent, now: EpochMillis): Claim {
  const until = later(claim?.until, intent.last && epochMillis(intent.last + AHEAD));
  const ahead = until === undefined ? {} : { until };
  if (claim === undefined) return { ...intent, ...ahead, openedAt: now, touchedAt: now, due: now, rounds: 0 };
  const first = earlier(claim.first, intent.first);
  const last = later(claim.last, intent.last);
  const status = gravest([claim.status, intent.status]) ?? intent.status;
  const { window: _window, finalPart: part, came: _came, ...rest } = claim;
  const window = windowOf(claim, intent);
  const came = cameAlso(claim, intent.first, now);
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
  return listedAnew(claim, filed, now);
}

/** An open claim without a window is decided whole, and so is one that has seen no record; else from the intent's first event on. */
function windowOf(claim: Claim, { first }: ClaimIntent): Window | undefined {
  const { due, window, tally } = claim;
  if (first === undefined) return undefined;
  if (window !== undefined) return { ...window, since: earlier(window.since, first) ?? first };
  const countedTo = tally?.last === undefined ? undefined : parseInstant(tally.last);
  return due === undefined && tally && countedTo !== undefined ? { since: first, countedTo, tally } : undefined;
}

/** A claim that waits for what has just come: it may bear on all of its records. */
export function reopened({ window: _window, finalPart: _part, ...claim }: Claim, now: EpochMillis): Claim {
  return { ...bornOn(claim, now), due: now, rounds: 0 };
}

function earlier(a: EpochMillis | undefined, b: EpochMillis | undefined): EpochMillis | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function later(a: EpochMillis | undefined, b: EpochMillis | undefined): EpochMillis | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
