import { type EpochMillis, epochMillis, HOUR, MINUTE } from '../time.ts';

/**
 * An hour is counted once it is over. Entries that are stored up to `MARKED` after its end need no mark; later entries set
 * one. The hour is closed `CLOSED` after its end. The time between the two covers clock differences and slow writes.
 */
const MARKED = 15 * MINUTE;
const CLOSED = 20 * MINUTE;
/** The delay before an hour with a mark is counted, in milliseconds. The entries that the mark announces are stored by then. */
export const MARK_RESTS = 2 * MINUTE;
/** The time after which a mark is set again if the entries are not written yet, in milliseconds. */
export const MARK_HOLDS = MINUTE;

/** Returns the start of the UTC hour. */
export function hourOf(at: number): EpochMillis {
  return epochMillis(Math.floor(at / HOUR) * HOUR);
}

/**
 * Returns whether an entry of this hour must set a mark: the hour may be counted already, or it begins more than an hour
 * from now.
 */
export function needsMark(hour: EpochMillis, now: EpochMillis): boolean {
  return now >= hour + HOUR + MARKED || hour > now + HOUR;
}

/** Returns whether all entries without a mark have arrived. */
export function isClosed(hour: EpochMillis, now: EpochMillis): boolean {
  return now >= hour + HOUR + CLOSED;
}

/** Returns the hours from `first` to `last`, both included. */
export function hoursBetween(first: EpochMillis, last: EpochMillis): EpochMillis[] {
  const count = Math.max(0, Math.floor((last - first) / HOUR) + 1);
  return Array.from({ length: count }, (_, at) => epochMillis(first + at * HOUR));
}
