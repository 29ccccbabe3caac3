import { DAY, HOUR, MINUTE, parseInstant, SECOND } from '../../../lib/time.ts';
import type { SummaryAnswer } from '../../../lib/usecases/query/summary.ts';
import { questionNames } from './filters.ts';
import type { Span } from './spans.ts';

/** Counts in equal pieces of time. */
export interface Bins {
  /** Where the first begins, in milliseconds since the epoch. */
  readonly start: number;
  /** Milliseconds of each. */
  readonly size: number;
  readonly count: number;
  /** What is stacked, from below; each has a count for every piece. */
  readonly series: readonly Series[];
}

interface Series {
  readonly name: string;
  readonly counts: readonly number[];
  readonly total: number;
}

/** Pieces of time that people count in. */
const SIZES = [
  ...[1, 2, 5, 10, 15, 30].map((each) => each * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((each) => each * MINUTE),
  ...[1, 2, 3, 6, 12].map((each) => each * HOUR),
  ...[1, 2, 7, 14, 28].map((each) => each * DAY),
];

/** The smallest such piece of which the span has at most so many. */
export function pieceOf({ from, to }: Span, most: number): number {
  return SIZES.find((size) => (to - from) / size <= most) ?? Math.ceil((to - from) / most / DAY) * DAY;
}

/** Stands for the name of all series that are too many to be told apart: an actor may be called "others", and nobody so. */
export const OTHERS = '';

/**
 * How many things there were in each piece of the span. `names` are the series in their order; what is of none of them
 * counts as `OTHERS`.
 */
export function countIntoBins<T>(
  things: Iterable<T>,
  { span, most, names }: { readonly span: Span; readonly most: number; readonly names: readonly string[] },
  { at, name }: { at(thing: T): number | undefined; name(thing: T): string | undefined },
): Bins {
  const size = pieceOf(span, most);
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

/** All series together in one piece. */
export function heightOf({ series }: Bins, piece: number): number {
  return series.reduce((sum, { counts }) => sum + (counts[piece] ?? 0), 0);
}

/** Times at which the axis is marked: at most so many, at round times of the zone (`offset` is added to UTC). */
export function marksOf(span: Span, most: number, offset = 0): readonly number[] {
  const size = pieceOf(span, most);
  const marks: number[] = [];
  for (let at = Math.ceil((span.from + offset) / size) * size - offset; at <= span.to; at += size) marks.push(at);
  return marks;
}

/** In fewer hours than that, what was read says more than counts by the hour. */
const FEWEST = 12;

/**
 * What the service is asked for its own counts of a time; undefined where these do not say what is looked at: they know no
 * filter but clusters, and of the statuses alone which records are the cluster's own work.
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

/** The service's counts of records, and the times that it did not count to the end yet. */
export interface ServiceCounts {
  readonly bins: Bins;
  readonly unread: readonly Span[];
}

/** The counts without the series that are not looked at. */
export function countsOf(answer: SummaryAnswer, without: readonly string[]): ServiceCounts {
  const unread: Span[] = [];
  for (const from of answer.counting.behind.flatMap((hour) => parseInstant(hour) ?? [])) {
    const before = unread.at(-1)?.to === from ? unread.pop() : undefined;
    unread.push({ from: before?.from ?? from, to: from + HOUR });
  }
  return { bins: countedBins(answer, without), unread };
}

/** How many records were counted; not exactly of the span where it does not begin and end as the pieces do, or some are not counted yet. */
export function countedTotal(
  { bins, unread }: ServiceCounts,
  { from, to }: Span,
): { readonly total: number; readonly isExact: boolean } {
  const { start, size, count, series } = bins;
  const isExact = unread.length === 0 && start === from && start + count * size === to;
  return { total: series.reduce((sum, { total }) => sum + total, 0), isExact };
}

/** The service's counts, of records, as the histogram draws them; without the series that are not looked at. */
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
