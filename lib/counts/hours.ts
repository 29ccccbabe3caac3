import { type EpochMillis, epochMillis, HOUR, MINUTE } from '../time.ts';

/**
 * How long after an hour's end its entries need no mark, in milliseconds. Entries that are stored later set a mark. The
 * hour is counted `CLOSED` after its end. The time in between is for differences of clocks and for slow writes.
 */
const MARKED = 15 * MINUTE;
const CLOSED = 20 * MINUTE;
/**
 * The delay before an hour with a mark is counted, in milliseconds. The entries that the mark announces are stored by
 * then.
 */
export const MARK_RESTS = 2 * MINUTE;
/** The time after which a mark is set again if the entries are not written yet, in milliseconds. */
export const MARK_HOLDS = MINUTE;

/** Returns the beginning of the UTC hour. */
export function hourOf(at: number): EpochMillis {
  return epochMillis(Math.floor(at / HOUR) * HOUR);
}

/**
 * Returns whether an entry of this hour must set a mark. The hour may have been counted already, or it begins more than
 * an hour from now.
 */
export function needsMark(hour: EpochMillis, now: EpochMillis): boolean {
  return now >= hour + HOUR + MARKED || hour > now + HOUR;
}

/** Returns whether all entries without a mark have arrived. */
export function isClosed(hour: EpochMillis, now: EpochMillis): boolean {
  return now >= hour + HOUR + CLOSED;
}

/** Returns the hours from `first` to `last`, including both. */
export function hoursBetween(first: EpochMillis, last: EpochMillis): EpochMillis[] {
  const count = Math.max(0, Math.floor((last - first) / HOUR) + 1);
  return Array.from({ length: count }, (_, at) => epochMillis(first + at * HOUR));
}
