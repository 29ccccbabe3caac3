import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/time.ts';
import type { Params } from './api.ts';

/** A time range, in milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The shortest and longest range that zooming gives, in milliseconds. */
const LEAST = 1_000;
const MOST = 10 * 366 * DAY;

/** Returns the range scaled by the factor around its middle (or `around`), within `LEAST` and `MOST`. */
export function zoomSpan({ from, to }: Span, factor: number, around = (from + to) / 2): Span {
  const length = Math.min(Math.max((to - from) * factor, LEAST), MOST);
  const share = to === from ? 0.5 : (around - from) / (to - from);
  const start = Math.max(0, Math.round(around - length * share));
  return { from: start, to: start + Math.round(length) };
}

/** Returns the range moved by half of its length, earlier (-1) or later (1). */
export function stepSpan({ from, to }: Span, direction: -1 | 1): Span {
  const step = Math.round((to - from) / 2) * direction;
  const start = Math.max(0, from + step);
  return { from: start, to: start + (to - from) };
}

/**
 * Returns the end of relative ranges, in milliseconds since the epoch: the clock of this machine. If the newest record
 * is more than a day old, the logs are of another time. Then returns the minute after that record.
 */
export function endOfTime(clock: number, newest: number | undefined): number {
  if (newest === undefined || clock - newest <= DAY) return clock;
  return Math.floor(newest / MINUTE) * MINUTE + MINUTE;
}

/** How much of a time range was loaded. */
interface ReadProgress {
  /** Whether the first answer arrived. */
  readonly isKnown: boolean;
  readonly hasMore: boolean;
  /** Whether records arrive newest first, so that only older ones are missing. */
  readonly isByTime: boolean;
  /** The time of the oldest loaded record. */
  readonly oldest: number | undefined;
  /** The range between the loaded records and newer ones, if there were too many to load. */
  readonly gap: Span | undefined;
}

/** Returns the ranges in which records may be missing. An empty chart there does not mean that nothing happened. */
export function unreadSpans(
  { isKnown, hasMore, isByTime, oldest, gap }: ReadProgress,
  { from, to }: Span,
): readonly Span[] {
  if (!isKnown || (hasMore && (!isByTime || oldest === undefined))) return [{ from, to }];
  const older = hasMore && oldest !== undefined && oldest > from ? [{ from, to: oldest }] : [];
  return gap === undefined ? older : [...older, gap];
}

/** How much of a range was loaded. */
export type ReadPart = 'all' | 'some' | 'none';

/** Returns how much of a range was loaded, and the parts that were not. */
export function readOf(
  span: Span,
  unread: readonly Span[],
): { readonly read: ReadPart; readonly unread: readonly Span[] } {
  const parts = unread
    .map(({ from, to }) => ({ from: Math.max(from, span.from), to: Math.min(to, span.to) }))
    .filter(({ from, to }) => from < to);
  if (parts.length === 0) return { read: 'all', unread: parts };
  const isNone = parts.some(({ from, to }) => from <= span.from && to >= span.to);
  return { read: isNone ? 'none' : 'some', unread: parts };
}

/** Filters with which records always come newest first (docs/contract.md, "HTTP"). */
const LEADING = ['auditId', 'session', 'key', 'actor'];
/** Statuses for which the service keeps lists of sessions. */
const LISTED = ['unattributed', 'ambiguous', 'pending', 'partial'];

/**
 * Returns whether records with these filters come newest first. With a status in `LISTED` or with a candidate, they
 * come session by session.
 */
export function isInTimeOrder(filters: Params): boolean {
  const valuesOf = (name: string) => filters.flatMap(([each, value]) => (each === name ? [value] : []));
  if (LEADING.some((name) => valuesOf(name).length > 0)) return true;
  const statuses = valuesOf('status');
  const isListed = statuses.length > 0 && statuses.every((status) => LISTED.includes(status));
  return !isListed && valuesOf('candidate').length === 0;
}

/** How many requests and records are loaded, and how many exist. */
export interface LoadState {
  readonly requests: number;
  /** The number of records: one for each stage of these requests. */
  readonly records: number;
  readonly isComplete: boolean;
  /** How many records the service counted, if it did. */
  readonly counted: { readonly total: number; readonly isExact: boolean } | undefined;
}

/**
 * Returns the number of requests with its scope: `140 requests`, or `500 requests loaded (612 of about 3,445 records)`.
 */
export function loadedWords({ requests, records, isComplete, counted }: LoadState): string {
  const number = `${requests.toLocaleString()} ${requests === 1 ? 'request' : 'requests'}`;
  if (isComplete) return number;
  if (counted === undefined || counted.total < records) return `${number} loaded`;
  const about = counted.isExact ? '' : 'about ';
  return `${number} loaded (${records.toLocaleString()} of ${about}${counted.total.toLocaleString()} records)`;
}

const UNITS = [
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND],
] as const;

/** Returns a length in its largest unit, in the browser's language: `3 hours`. */
export function durationText(millis: number): string {
  const [unit, size] = UNITS.find(([, each]) => millis >= each) ?? ['second', SECOND];
  const count = Math.max(0, Math.floor(millis / size));
  return count.toLocaleString(navigator.language, { style: 'unit', unit, unitDisplay: 'long' });
}
