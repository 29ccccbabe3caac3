import type { Params } from './api.ts';
import type { Span } from './moves.ts';

/** How far the records of a time range were read. */
export interface ReadSoFar {
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
  { isKnown, hasMore, isByTime, oldest, gap }: ReadSoFar,
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
