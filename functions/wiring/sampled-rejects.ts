import type { Clock } from '../../lib/ports/clock.ts';
import type { RejectCounts, RejectedPiece, Rejects } from '../../lib/ports/input.ts';
import { HOUR } from '../../lib/time.ts';

/**
 * The maximum number of rejects of one delivery that are logged separately. The others are counted by reason in one
 * line.
 */
export const MOST_SAMPLES = 20;
/** The maximum number of rejects that each process of a function logs in one hour of the clock. */
export const MOST_SAMPLES_AN_HOUR = 500;

/**
 * Logs rejects with reason, place and at most one kilobyte of their start, which contains no request or response body.
 * Without limits, anyone who writes to a delivered log could fill the function's log. One delivered kilobyte can cause
 * a hundred thousand rejects.
 */
export function sampledRejects(
  warn: (message: string, fields: Readonly<Record<string, object>>) => void,
  clock: Clock,
): Rejects {
  let [hour, left] = [0, 0];
  return {
    async keep(rejected, others = new Map()) {
      const now = Math.floor(clock() / HOUR);
      if (now !== hour) [hour, left] = [now, MOST_SAMPLES_AN_HOUR];
      const samples = rejected.slice(0, Math.min(MOST_SAMPLES, left));
      left -= samples.length;
      for (const reject of samples) warn('rejected', { reject: { ...reject } });
      const unlogged = byReason(rejected.slice(samples.length), others);
      if (unlogged.size > 0) warn('more rejected', { reasons: Object.fromEntries(unlogged) });
    },
  };
}

function byReason(rejected: readonly RejectedPiece[], others: RejectCounts): RejectCounts {
  const counts = new Map(others);
  for (const { reason } of rejected) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}
