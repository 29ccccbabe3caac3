import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/time.ts';
import type { Params } from './api.ts';

/** A piece of time, in milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const LEAST = 1_000;
const MOST = 10 * 366 * DAY;

/** The same middle (or `around`), longer or shorter by the factor; never shorter than a second. */
export function zoomSpan({ from, to }: Span, factor: number, around = (from + to) / 2): Span {
  const length = Math.min(Math.max((to - from) * factor, LEAST), MOST);
  const share = to === from ? 0.5 : (around - from) / (to - from);
  const start = Math.max(0, Math.round(around - length * share));
  return { from: start, to: start + Math.round(length) };
}

/** As long, by half of itself earlier (-1) or later (1). */
export function stepSpan({ from, to }: Span, direction: -1 | 1): Span {
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

/** How far the records of a time range were read. */
interface ReadProgress {
  /** Whether an answer came at all: none has while it is loaded, or where it was refused. */
  readonly isKnown: boolean;
  readonly hasMore: boolean;
  /** Whether they come newest first, so that what was not read is older than what was. */
  readonly isByTime: boolean;
  /** The time of the oldest that was read. */
  readonly oldest: number | undefined;
  /** What lies between what was read and what came since, where that was too much. */
  readonly gap: Span | undefined;
}

/** The times of which not all records were read: nothing there, or little, says nothing of what was done. */
export function unreadSpans(
  { isKnown, hasMore, isByTime, oldest, gap }: ReadProgress,
  { from, to }: Span,
): readonly Span[] {
  if (!isKnown || (hasMore && (!isByTime || oldest === undefined))) return [{ from, to }];
  const older = hasMore && oldest !== undefined && oldest > from ? [{ from, to: oldest }] : [];
  return gap === undefined ? older : [...older, gap];
}

export type ReadPart = 'all' | 'some' | 'none';

/** How much of a span was read, and the parts of it that were not. */
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

/** Filters by which records come newest first whatever else is asked (docs/contract.md, "HTTP"). */
const LEADING = ['auditId', 'session', 'key', 'actor'];
/** Statuses of which the service keeps lists of sessions. */
const LISTED = ['unattributed', 'ambiguous', 'pending', 'partial'];

/** Whether records of these filters come newest first: by such a status, or a candidate, they come session by session. */
export function isAskedByTime(filters: Params): boolean {
  const valuesOf = (name: string) => filters.flatMap(([each, value]) => (each === name ? [value] : []));
  if (LEADING.some((name) => valuesOf(name).length > 0)) return true;
  const statuses = valuesOf('status');
  const isListed = statuses.length > 0 && statuses.every((status) => LISTED.includes(status));
  return !isListed && valuesOf('candidate').length === 0;
}

/** What was loaded of what there is. */
export interface LoadState {
  readonly requests: number;
  /** The stages of these requests, each of which is a record. */
  readonly records: number;
  readonly isWhole: boolean;
  /** How many records the service counted, where it did. */
  readonly counted: { readonly total: number; readonly isExact: boolean } | undefined;
}

/** `140 requests`, or `500 requests loaded (612 of about 3,445 records)`: a number with its scope. */
export function loadedWords({ requests, records, isWhole, counted }: LoadState): string {
  const number = `${requests.toLocaleString()} ${requests === 1 ? 'request' : 'requests'}`;
  if (isWhole) return number;
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

/** About how long, in the largest unit of which there is at least one: `3 hours`. */
export function durationText(millis: number): string {
  const [unit, size] = UNITS.find(([, each]) => millis >= each) ?? ['second', SECOND];
  const count = Math.max(0, Math.floor(millis / size));
  return count.toLocaleString(navigator.language, { style: 'unit', unit, unitDisplay: 'long' });
}
