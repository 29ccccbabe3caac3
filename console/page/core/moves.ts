import { DAY, MINUTE } from '../../../lib/time.ts';

/** A piece of time, in milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const LEAST = 1_000;
const MOST = 10 * 366 * DAY;

/** The same middle (or `around`), longer or shorter by the factor; never shorter than a second. */
export function zoomed({ from, to }: Span, factor: number, around = (from + to) / 2): Span {
  const length = Math.min(Math.max((to - from) * factor, LEAST), MOST);
  const share = to === from ? 0.5 : (around - from) / (to - from);
  const start = Math.max(0, Math.round(around - length * share));
  return { from: start, to: start + Math.round(length) };
}

/** As long, by half of itself earlier (-1) or later (1). */
export function stepped({ from, to }: Span, direction: -1 | 1): Span {
  const step = Math.round((to - from) / 2) * direction;
  const start = Math.max(0, from + step);
  return { from: start, to: start + (to - from) };
}

/**
 * Where relative times end: this machine's clock, unless the service's newest record is older than a day: it runs over logs of
 * another time then, and the window ends where they do.
 */
export function endOfTime(clock: number, newest: number | undefined): number {
  if (newest === undefined || clock - newest <= DAY) return clock;
  return Math.floor(newest / MINUTE) * MINUTE + MINUTE;
}
