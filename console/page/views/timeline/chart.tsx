import { useMemo } from 'preact/hooks';
import { STATUSES } from '../../../../lib/attribution/reasons.ts';
import type { SummaryAnswer } from '../../../../lib/usecases/query/summary.ts';
import { countIntoBins, countsOf, countsQuestion, type ServiceCounts } from '../../core/bins.ts';
import { FACETS, type FacetCounts } from '../../core/facets.ts';
import { leavesOutSystem } from '../../core/filters.ts';
import { change, place } from '../../core/place.ts';
import { useQuery } from '../../core/query.ts';
import { range } from '../../core/range.ts';
import type { Row } from '../../core/rows.ts';
import type { Span } from '../../core/spans.ts';
import { OverTime, SeriesName, SeriesNumbers } from '../../parts/over-time.tsx';

const SERIES_FIELDS = ['status', 'verb', 'actor', 'cluster'] as const;
type SeriesField = (typeof SERIES_FIELDS)[number];
const TITLES: Readonly<Record<SeriesField, string>> = {
  status: 'Status',
  verb: 'Verb',
  actor: 'Actor',
  cluster: 'Cluster',
};
/** The maximum number of series: one for each distinguishable color. */
const MOST_SERIES = 7;
/** The maximum number of bins of the chart. */
const MOST_BINS = 120;

interface ChartProps {
  readonly rows: readonly Row[];
  readonly counts: FacetCounts;
  /** Ranges in which records may be missing. */
  readonly unread: readonly Span[];
  /** The service's own counts, if it has them for these filters and not all rows are loaded. */
  readonly counted: ServiceCounts | undefined;
  /** Which rows the counts include, if the service did not count: `500 requests loaded`. */
  readonly scope: string;
}

/** Requests over time. */
export function Chart({ rows, counts, unread, counted, scope }: ChartProps) {
  const by = stackedBy();
  const { from, to } = range.value;
  const names = useMemo(() => seriesOf(by, counts), [by, rows]);
  const ofRows = useMemo(() => binsOf(rows, by, names, { from, to }), [rows, names, from, to]);
  const bins = counted?.bins ?? ofRows;
  const tone = (name: string) => toneOf(by, names, name);
  const missing =
    counted === undefined
      ? { unread, unreadIs: 'not loaded' }
      : { unread: counted.unread, unreadIs: 'not fully counted' };
  return (
    <section class="chart card" aria-label="Requests over time">
      <OverTime
        what={counted === undefined ? 'Requests' : 'Records'}
        span={{ from, to }}
        bins={bins}
        {...missing}
        head={<By of={by} />}
        tone={tone}
        label={(name) => <SeriesName of={name} />}
        scope={counted === undefined ? scope : 'Records, counted by the service'}
        numbers={<SeriesNumbers of={bins} />}
      />
    </section>
  );
}

function By({ of }: { readonly of: SeriesField }) {
  return (
    <label class="check">
      Group by
      <select value={of} onChange={(event) => change({ by: event.currentTarget.value }, { replacing: true })}>
        {SERIES_FIELDS.map((each) => (
          <option value={each}>{TITLES[each]}</option>
        ))}
      </select>
    </label>
  );
}

function stackedBy(): SeriesField {
  const field = place.value.params.get('by');
  return SERIES_FIELDS.find((each) => each === field) ?? 'status';
}

/** Loads the service's own counts, if not all rows are loaded and the summary can count with these filters. */
export function useCounts(isCut: boolean): ServiceCounts | undefined {
  const hidesSystem = leavesOutSystem(place.value.params);
  const question = isCut ? countsQuestion(stackedBy(), place.value.params, range.value, hidesSystem) : undefined;
  const { answer } = useQuery<SummaryAnswer>('/summary', question);
  return useMemo(
    () =>
      question === undefined || answer === undefined ? undefined : countsOf(answer, hidesSystem ? ['system'] : []),
    [answer, question === undefined, hidesSystem],
  );
}

/** Counts the loaded rows for the histogram. */
function binsOf(rows: readonly Row[], by: SeriesField, names: readonly string[], span: Span) {
  const facet = FACETS.find(({ field }) => field === by);
  return countIntoBins(
    rows,
    { span, most: MOST_BINS, names },
    { at: ({ at }) => at, name: ({ record }) => facet?.valuesOf(record)[0] },
  );
}

/** Returns the statuses in their order, or the most frequent values of another field. */
function seriesOf(by: SeriesField, counts: FacetCounts): readonly string[] {
  if (by === 'status') return STATUSES;
  return counts
    .of(by)
    .slice(0, MOST_SERIES)
    .map(([name]) => name);
}

function toneOf(by: SeriesField, names: readonly string[], name: string): string {
  const index = names.indexOf(name);
  if (index < 0) return 'var(--series-other)';
  return by === 'status' ? `var(--fill-${name})` : `var(--series-${index + 1})`;
}
