import { MINUTE, SECOND } from '../../lib/time.ts';

/** Reports how far a part of a backfill is, and how long the rest may take. */
export interface BackfillProgress {
  /** The finished share, 0 to 1. */
  share(share: number): void;
  end(): void;
}

/** The milliseconds between two lines. If standard error is not a terminal, few are enough. */
const APART = { terminal: 200, other: 10 * SECOND };
/** The time before the first estimate. An earlier one would be a guess. */
const FIRST_ESTIMATE = 2 * SECOND;

/** Returns a progress report. What an earlier run finished does not count for the speed of this run. */
export function backfillProgress(stream: NodeJS.WriteStream, label: string): BackfillProgress {
  const started = performance.now();
  const apart = stream.isTTY ? APART.terminal : APART.other;
  let first: number | undefined;
  let lastReport = started;
  let shown = false;
  return {
    share(share) {
      first ??= share;
      const now = performance.now();
      if (now - lastReport < apart) return;
      lastReport = now;
      shown = true;
      const line = `${label}: ${Math.floor(share * 100)} %${timeLeft(share, first, now - started)}`;
      stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
    },
    end() {
      if (shown && stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}

/**
 * Returns the time that is left in words, estimated from the speed so far. Empty if it is too early for an estimate.
 */
export function timeLeft(share: number, first: number, elapsed: number): string {
  const done = share - first;
  if (elapsed < FIRST_ESTIMATE || done <= 0 || share >= 1) return '';
  const left = (elapsed / done) * (1 - share);
  if (left < MINUTE) return ', less than a minute left';
  const minutes = Math.round(left / MINUTE);
  if (minutes < 120) return `, about ${minutes} min left`;
  return `, about ${Math.round(minutes / 60)} h left`;
}
