import type { Clock } from '../../lib/ports/clock.ts';
import type { RejectCounts, RejectedPiece, Rejects } from '../../lib/ports/input.ts';
import { HOUR } from '../../lib/time.ts';

/** Of one delivery, at most so many rejects are logged each by itself; the others are counted by reason in one line. */
export const MOST_SAMPLES = 20;
/** In an hour of the clock, by each process of a function. */
export const MOST_SAMPLES_AN_HOUR = 500;

/**
 * Logs what could not be read: its reason, its place, and at most a kilobyte of its head, which holds no body. Whoever writes
 * what is delivered could otherwise fill the function's log: a kilobyte delivered makes a hundred thousand rejects.
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
