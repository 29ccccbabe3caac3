import { DAY, HOUR, MINUTE, parseInstant, SECOND } from '../../../lib/time.ts';
import type { SummaryAnswer } from '../../../lib/usecases/query/summary.ts';
import { questionNames } from './filters.ts';
import type { Span } from './spans.ts';

/** Counts of a chart, in bins of equal length. */
export interface Bins {
  /** Start of the first bin, in milliseconds since the epoch. */
  readonly start: number;
  /** Length of a bin in milliseconds. */
  readonly size: number;
  /** Number of bins. */
  readonly count: number;
  /** The stacked series, the lowest first. Each has one count for every bin. */
  readonly series: readonly Series[];
}

interface Series {
  readonly name: string;
  readonly counts: readonly number[];
  readonly total: number;
}

/** Lengths of bins that are easy to read, in milliseconds. */
const SIZES = [
  ...[1, 2, 5, 10, 15, 30].map((each) => each * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((each) => each * MINUTE),
  ...[1, 2, 3, 6, 12].map((each) => each * HOUR),
  ...[1, 2, 7, 14, 28].map((each) => each * DAY),
];

/** Returns the shortest readable bin length, in milliseconds, that needs at most `most` bins for the span. */
export function binSize({ from, to }: Span, most: number): number {
  return SIZES.find((size) => (to - from) / size <= most) ?? Math.ceil((to - from) / most / DAY) * DAY;
}

/** The name of the series for all other values. It is empty, because an actor can be called "others". */
export const OTHERS = '';

/**
 * Counts things by time. `names` are the series in order. Things of any other name count as `OTHERS`. Things outside
 * the span or without a time do not count.
 */
export function countIntoBins<T>(
  things: Iterable<T>,
  { span, most, names }: { readonly span: Span; readonly most: number; readonly names: readonly string[] },
  { at, name }: { at(thing: T): number | undefined; name(thing: T): string | undefined },
): Bins {
  const size = binSize(span, most);
  const start = Math.floor(span.from / size) * size;
  const count = Math.max(1, Math.ceil((span.to - start) / size));
  const series = new Map([...names, OTHERS].map((each) => [each, new Array<number>(count).fill(0)]));
  const others = series.get(OTHERS) ?? [];
  for (const thing of things) {
    const when = at(thing);
    if (when === undefined || when < span.from || when > span.to) continue;
    const counts = series.get(name(thing) ?? OTHERS) ?? others;
    const piece = Math.min(count - 1, Math.floor((when - start) / size));
    counts[piece] = (counts[piece] ?? 0) + 1;
  }
  const all = [...series].map(([each, counts]) => ({ name: each, counts, total: counts.reduce((a, b) => a + b, 0) }));
  return { start, size, count, series: all.filter(({ total }) => total > 0) };
}

/** Returns the sum of all series in one bin. */
export function heightOf({ series }: Bins, piece: number): number {
  return series.reduce((sum, { counts }) => sum + (counts[piece] ?? 0), 0);
}

/**
 * Returns the times of the marks on the axis, at most `most`, in milliseconds since the epoch. They are round times in
 * the zone that is `offset` milliseconds ahead of UTC.
 */
export function marksOf(span: Span, most: number, offset = 0): readonly number[] {
  const size = binSize(span, most);
  const marks: number[] = [];
  for (let at = Math.ceil((span.from + offset) / size) * size - offset; at <= span.to; at += size) marks.push(at);
  return marks;
}

/** The minimum number of hours for which counts by the hour are loaded. For fewer, the loaded rows show more. */
const FEWEST = 12;

/**
 * Returns the parameters of `/summary` that count what the timeline shows. Undefined if the summary cannot count it: it
 * filters by cluster only, and for 12 hours to 31 days. It separates system records only if it counts by status.
 */
export function countsQuestion(
  by: string,
  params: URLSearchParams,
  { from, to }: Span,
  hidesSystem: boolean,
): readonly (readonly [name: string, value: string])[] | undefined {
  const filters = [...params].filter(([name]) => questionNames.has(name) && name !== 'noSystem');
  const isNarrowed = filters.some(([name]) => name !== 'cluster') || (hidesSystem && by !== 'status');
  if (isNarrowed || to - from < FEWEST * HOUR || to - from > 31 * DAY) return undefined;
  const bucket = to - from <= 3 * DAY ? 'hour' : 'day';
  const times = [from, to].map((at) => new Date(at).toISOString());
  return [['from', times[0] ?? ''], ['to', times[1] ?? ''], ['by', by], ['bucket', bucket], ...filters];
}

/** The service's counts of records, and the times that are not fully counted yet. */
export interface ServiceCounts {
  readonly bins: Bins;
  readonly unread: readonly Span[];
}

/** Returns the counts of a summary without the series named in `without`. */
export function countsOf(answer: SummaryAnswer, without: readonly string[]): ServiceCounts {
  const unread: Span[] = [];
  for (const from of answer.counting.behind.flatMap((hour) => parseInstant(hour) ?? [])) {
    const before = unread.at(-1)?.to === from ? unread.pop() : undefined;
    unread.push({ from: before?.from ?? from, to: from + HOUR });
  }
  return { bins: countedBins(answer, without), unread };
}

/**
 * Returns how many records the service counted. The total is exact if the span starts and ends with a bin, and all its
 * hours are fully counted.
 */
export function countedTotal(
  { bins, unread }: ServiceCounts,
  { from, to }: Span,
): { readonly total: number; readonly isExact: boolean } {
  const { start, size, count, series } = bins;
  const isExact = unread.length === 0 && start === from && start + count * size === to;
  return { total: series.reduce((sum, { total }) => sum + total, 0), isExact };
}

/** Returns the counts of a summary as the histogram draws them, without the series named in `without`. */
export function countedBins({ from, bucket, values, buckets }: SummaryAnswer, without: readonly string[]): Bins {
  const of = (name: string, counts: readonly number[]) => ({
    name,
    counts,
    total: counts.reduce((sum, count) => sum + count, 0),
  });
  const series = values.map(({ value }, at) =>
    of(
      value,
      buckets.map(({ counts }) => counts[at] ?? 0),
    ),
  );
  const rest = of(
    OTHERS,
    buckets.map(({ none, others }) => none + others),
  );
  return {
    start: parseInstant(from) ?? 0,
    size: bucket === 'hour' ? HOUR : DAY,
    count: buckets.length,
    series: [...series, rest].filter(({ name, total }) => total > 0 && !without.includes(name)),
  };
}
