import { DAY, HOUR, parseInstant } from '../../../lib/time.ts';
import type { SummaryAnswer } from '../../../lib/usecases/query/summary.ts';
import { type Bins, OTHERS } from './bins.ts';
import type { Span } from './moves.ts';
import { questionNames } from './question.ts';

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
