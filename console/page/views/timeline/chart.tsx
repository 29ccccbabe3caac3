import { useMemo } from 'preact/hooks';
import { STATUSES } from '../../../../lib/attribution/attribution.ts';
import type { SummaryAnswer } from '../../../../lib/usecases/query/summary.ts';
import { useAsked } from '../../core/asked.ts';
import { type Bins, binned } from '../../core/bins.ts';
import { countedBins, countsQuestion } from '../../core/counted.ts';
import { FACETS, type FacetCounts } from '../../core/facets.ts';
import { leavesOutSystem } from '../../core/filters.ts';
import { type Span, zoomed } from '../../core/moves.ts';
import { change, place } from '../../core/place.ts';
import { look, range } from '../../core/range.ts';
import type { Row } from '../../core/rows.ts';
import { Histogram } from '../../parts/histogram.tsx';
import { SeriesName, SeriesNumbers } from '../../parts/numbers.tsx';
import { OverTime } from '../../parts/over-time.tsx';

const STACKED = ['status', 'verb', 'actor', 'cluster'] as const;
type Stacked = (typeof STACKED)[number];
const TITLES: Readonly<Record<Stacked, string>> = { status: 'Status', verb: 'Verb', actor: 'Who', cluster: 'Cluster' };
/** As many series as there are colours that one can tell apart. */
const MOST_SERIES = 7;
const PIECES = 120;

interface ChartProps {
  readonly rows: readonly Row[];
  readonly counts: FacetCounts;
  /** Before that time nothing was read. */
  readonly knownFrom: number | undefined;
}

/** How many requests there were when. */
export function Chart({ rows, counts, knownFrom }: ChartProps) {
  const asked = place.value.params.get('by');
  const by = STACKED.find((each) => each === asked) ?? 'status';
  const { from, to } = range.value;
  const names = useMemo(() => seriesOf(by, counts), [by, rows]);
  const ofRows = useMemo(() => binsOf(rows, by, names, { from, to }), [rows, names, from, to]);
  const counted = useCounts(by, knownFrom);
  const bins = counted ?? ofRows;
  const tone = (name: string) => toneOf(by, names, name);
  return (
    <section class="chart card" aria-label="Over time">
      <OverTime
        bins={bins}
        head={<By of={by} />}
        tone={tone}
        label={(name) => <SeriesName of={name} />}
        chart={
          <Histogram
            what={counted === undefined ? 'Requests' : 'Records'}
            span={{ from, to }}
            bins={bins}
            knownFrom={counted === undefined ? knownFrom : undefined}
            tone={tone}
            onChoose={look}
            onWiden={() => look(zoomed(range.value, 2))}
          />
        }
        numbers={<SeriesNumbers of={bins} />}
      />
    </section>
  );
}

function By({ of }: { readonly of: Stacked }) {
  return (
    <label class="check">
      By
      <select value={of} onChange={(event) => change({ by: event.currentTarget.value }, { replacing: true })}>
        {STACKED.map((each) => (
          <option value={each}>{TITLES[each]}</option>
        ))}
      </select>
    </label>
  );
}

/** Where not all was read: what the service itself has counted, as far as that says what is looked at. */
function useCounts(by: Stacked, knownFrom: number | undefined): Bins | undefined {
  const hidesSystem = leavesOutSystem(place.value.params);
  const question =
    knownFrom === undefined ? undefined : countsQuestion(by, place.value.params, range.value, hidesSystem);
  const { answer } = useAsked<SummaryAnswer>('/summary', question);
  return useMemo(
    () =>
      question === undefined || answer === undefined ? undefined : countedBins(answer, hidesSystem ? ['system'] : []),
    [answer, question === undefined, hidesSystem],
  );
}

/** The counts of the histogram, of the rows that were read. */
function binsOf(rows: readonly Row[], by: Stacked, names: readonly string[], span: Span) {
  const facet = FACETS.find(({ field }) => field === by);
  return binned(
    rows,
    { span, most: PIECES, names },
    { at: ({ at }) => at, name: ({ record }) => facet?.valuesOf(record)[0] },
  );
}

/** Statuses in their order; of all else the most frequent. */
function seriesOf(by: Stacked, counts: FacetCounts): readonly string[] {
  if (by === 'status') return STATUSES;
  return counts
    .of(by)
    .slice(0, MOST_SERIES)
    .map(([name]) => name);
}

function toneOf(by: Stacked, names: readonly string[], name: string): string {
  const index = names.indexOf(name);
  if (index < 0) return 'tone-other';
  return by === 'status' ? `tone-${name}` : `tone-${index + 1}`;
}
