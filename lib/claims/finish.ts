import { type EpochMillis, epochMillis, MINUTE } from '../time.ts';
import type { Alert } from './alert.ts';
import { afterNotice } from './alert-memory.ts';
import { type Claim, gravest, type Pass, withListingTime } from './claim.ts';
import { finalPartAfter, mayClose, QUIET } from './final-part.ts';
import type { ReadRange } from './read-range.ts';

/**
 * The longest pause between two passes over a claim that waits, in milliseconds. The pauses before it last 1, 2, 4 and
 * 8 minutes.
 */
const LONGEST_PAUSE = 15 * MINUTE;

/** The ranges that look-ups for a claim have read so far, and whether there is more to read. */
export interface ReadSoFar {
  readonly read: readonly ReadRange[];
  readonly isUnfinished: boolean;
}

/** Returns the claim after its pass ran out of time. The pass goes on where it stopped, in the next minute. */
export function pausePass(claim: Claim, pass: Pass, { read }: ReadSoFar, now: EpochMillis): Claim {
  return { ...claim, pass, due: now, ...(read.length > 0 && { read }) };
}

/**
 * Returns a claim with many records that needs look-ups, after a pass over its first records. The pass goes on when
 * there is time for look-ups, in this run or a later one.
 */
export function postponeClaim(claim: Claim, now: EpochMillis): Claim {
  return { ...claim, due: epochMillis(now + pauseAfter(claim.rounds)), rounds: claim.rounds + 1 };
}

/**
 * Returns a claim that settle puts off for the longest pause. Its accounts have more due claims than a worker can
 * decide. If something arrives for the claim, it is due at once.
 */
export function setAside(claim: Claim, now: EpochMillis): Claim {
  if (claim.due === undefined || claim.due > now) return claim;
  return { ...claim, due: epochMillis(now + LONGEST_PAUSE), heldSince: claim.heldSince ?? claim.due };
}

/** Returns a claim that is not decided before `leftUntil`, because runs broke off on it. */
export function leaveUndecided(claim: Claim, leftUntil: EpochMillis): Claim {
  return claim.due === undefined ? claim : { ...claim, due: leftUntil, leftUntil };
}

/** Returns the claim in the list of look-ups, after a pass without look-ups. That pass does not count as a round. */
export function handToLookUps(claim: Claim, rounds: number, now: EpochMillis): Claim {
  if (claim.due === undefined) return claim;
  return { ...claim, needsLookUp: true, due: now, rounds: Math.min(claim.rounds, rounds) };
}

/** A complete pass, and the message about its claim that was sent. */
export interface FinishedPass {
  readonly pass: Pass;
  readonly notice: Alert | undefined;
  readonly lookedUp: ReadSoFar;
}

/**
 * Returns the claim after a complete pass. It closes if no answer can change any more and the pass left nothing out.
 * Also, the pass must have begun two minutes after the last record or grant arrived. Only then it has seen everything.
 */
export function finishPass(claim: Claim, passed: FinishedPass, now: EpochMillis): Claim {
  const { due: _due, pass: _pass, read: _read, leftUntil: _left, heldSince, ...others } = claim;
  const { window: _window, finalPart: _part, came: _came, needsLookUp: _needs, ...lasting } = others;
  const { pass, notice } = passed;
  const { summary } = pass;
  const settled = pass.without === undefined && mayClose(claim, pass);
  const decided = {
    ...lasting,
    status: gravest(summary.statuses) ?? 'system',
    summary,
    ...(notice && { alerted: afterNotice(claim.alerted, notice, now) }),
    ...(settled ? { rounds: 0 } : stillOpen(claim, passed, now)),
    ...(holdsBack(pass) && { heldSince: heldSince ?? now }),
  };
  return withListingTime(claim, decided, now);
}

/** Returns the fields that schedule the next pass over a claim that stays open. */
function stillOpen(claim: Claim, { pass, lookedUp }: FinishedPass, now: EpochMillis): Partial<Claim> {
  const { window, came, rounds, needsLookUp } = claim;
  const finalPart = finalPartAfter(claim, pass, now);
  return {
    rounds: rounds + 1,
    due: lookedUp.isUnfinished && pass.summary.open > 0 ? now : nextDue(claim, pass, now),
    ...(window && { window }),
    ...(finalPart && { finalPart }),
    ...(came && { came }),
    ...(needsLookUp && { needsLookUp }),
    ...(lookedUp.read.length > 0 && { read: lookedUp.read }),
  };
}

/** Returns whether failed look-ups delay an answer that should have been final when the pass began. */
function holdsBack({ startedAt, summary: { open, nextFinal } }: Pass): boolean {
  return open > 0 && nextFinal !== undefined && nextFinal <= startedAt;
}

function nextDue({ touchedAt, rounds }: Claim, { summary }: Pass, now: EpochMillis): EpochMillis {
  if (summary.open === 0) return epochMillis(Math.max(now, touchedAt + QUIET));
  const pause = pauseAfter(rounds);
  const final = summary.nextFinal ?? now;
  return epochMillis(final > now ? Math.min(now + pause, final) : now + pause);
}

function pauseAfter(rounds: number): number {
  return Math.min(MINUTE * 2 ** Math.min(rounds, 10), LONGEST_PAUSE);
}
