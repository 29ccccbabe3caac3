import { type EpochMillis, epochMillis, HOUR, MINUTE } from '../time.ts';

/**
 * Hours are counted as a whole once they are over: what comes until `MARKED` after their end is seen then, `CLOSED` after it;
 * what comes later says so by a mark. Between the two lies what clocks may differ, and what a write may take.
 */
const MARKED = 15 * MINUTE;
const CLOSED = 20 * MINUTE;
/** A mark is acted on so much later: what it announces is stored by then. */
export const MARK_RESTS = 2 * MINUTE;
/** What takes longer between its mark and its end is marked again. */
export const MARK_HOLDS = MINUTE;

/** When the UTC hour began. */
export function hourOf(at: number): EpochMillis {
  return epochMillis(Math.floor(at / HOUR) * HOUR);
}

/** Whether what is counted now in this hour must say so: it is counted already, or nobody looks there yet. */
export function needsMark(hour: EpochMillis, now: EpochMillis): boolean {
  return now >= hour + HOUR + MARKED || hour > now + HOUR;
}

/** Whether all that comes without a mark is there. */
export function isClosed(hour: EpochMillis, now: EpochMillis): boolean {
  return now >= hour + HOUR + CLOSED;
}

/** The hours from one up to another, both included. */
export function hoursBetween(first: EpochMillis, last: EpochMillis): EpochMillis[] {
  const count = Math.max(0, Math.floor((last - first) / HOUR) + 1);
  return Array.from({ length: count }, (_, at) => epochMillis(first + at * HOUR));
}
