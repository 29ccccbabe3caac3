import { MINUTE, SECOND } from '../../lib/time.ts';

/** Reports how far a part of a backfill is, and how long the rest may take. */
export interface BackfillProgress {
  /** The finished share, 0 to 1. */
  share(share: number): void;
  end(): void;
}

/** Where standard error is no terminal, a line every so often is enough. */
const APART = { terminal: 200, other: 10 * SECOND };
/** Before that an estimate is a guess. */
const FIRST_ESTIMATE = 2 * SECOND;

/** What was through at the beginning (after a stop) is not counted as this run's speed. */
export function backfillProgress(stream: NodeJS.WriteStream, label: string): BackfillProgress {
  const started = performance.now();
  const apart = stream.isTTY ? APART.terminal : APART.other;
  let first: number | undefined;
  let told = started;
  let shown = false;
  return {
    share(share) {
      first ??= share;
      const now = performance.now();
      if (now - told < apart) return;
      told = now;
      shown = true;
      const line = `${label}: ${Math.floor(share * 100)} %${timeLeft(share, first, now - started)}`;
      stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
    },
    end() {
      if (shown && stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}

/** In words, from the speed so far; nothing while that says little. */
export function timeLeft(share: number, first: number, elapsed: number): string {
  const done = share - first;
  if (elapsed < FIRST_ESTIMATE || done <= 0 || share >= 1) return '';
  const left = (elapsed / done) * (1 - share);
  if (left < MINUTE) return ', less than a minute left';
  const minutes = Math.round(left / MINUTE);
  if (minutes < 120) return `, about ${minutes} min left`;
  return `, about ${Math.round(minutes / 60)} h left`;
}
