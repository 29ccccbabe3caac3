import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { type Bins, heightOf, OTHERS } from '../core/bins.ts';
import { titleOfActor } from '../core/people.ts';
import { formatTime } from '../core/times.ts';
import { Histogram, type HistogramProps, unreadText } from './histogram.tsx';
import { Table } from './table.tsx';
import { Text } from './text.tsx';

interface OverTimeProps extends HistogramProps {
  /** The content before the legend. */
  readonly head: ComponentChildren;
  /** Returns the label of a series in the legend. */
  label(name: string): ComponentChildren;
  /** The scope of the numbers. */
  readonly scope: string;
  /** The table that replaces the chart. */
  readonly numbers: ComponentChildren;
}

/** A chart over time with its legend, and a button that shows the numbers as a table. */
export function OverTime({ head, label, scope, numbers, ...chart }: OverTimeProps) {
  const showsNumbers = useSignal(false);
  const { bins, tone, unread, unreadIs } = chart;
  return (
    <>
      <div class="chart-head">
        {head}
        <ul class="legend">
          {bins.series.map(({ name, total }) => (
            <li>
              <span class="swatch" style={{ '--fill': tone(name) }} />
              {label(name)} <span class="facet-count">{total.toLocaleString()}</span>
            </li>
          ))}
        </ul>
        <span class="busy">{scope}</span>
        <button
          type="button"
          class="plain"
          onClick={() => {
            showsNumbers.value = !showsNumbers.value;
          }}
        >
          {showsNumbers.value ? 'Show chart' : 'Show as table'}
        </button>
      </div>
      {showsNumbers.value ? numbers : <Histogram {...chart} />}
      {showsNumbers.value && unread.length > 0 && <p class="busy">{unreadText(unread, unreadIs)}</p>}
    </>
  );
}

interface NumbersProps {
  readonly of: Bins;
  readonly titles: readonly ComponentChildren[];
  /** Returns the cells below the titles for a bin. */
  cells(piece: number): readonly string[];
}

/** The table of a chart, with a row for each bin that is not empty. */
export function Numbers({ of: bins, titles, cells }: NumbersProps) {
  const pieces = Array.from({ length: bins.count }, (_, piece) => piece).filter((piece) => heightOf(bins, piece) > 0);
  const columns = titles.map((title, at) => ({ title, class: 'number', cell: (piece: number) => cells(piece)[at] }));
  const from = (piece: number) => formatTime(bins.start + piece * bins.size, 'whole');
  return (
    <div class="numbers">
      <Table
        label="Counts over time"
        columns={[{ title: 'Start', isHead: true, cell: from }, ...columns]}
        rows={pieces}
      />
    </div>
  );
}

/** The name of a series, which may come from logs. */
export function SeriesName({ of }: { readonly of: string }) {
  return of === OTHERS ? <i>other</i> : <Text of={titleOfActor(of)} />;
}

/** The table of a chart, with a column for each series. */
export function SeriesNumbers({ of }: { readonly of: Bins }) {
  return (
    <Numbers
      of={of}
      titles={of.series.map(({ name }) => <SeriesName of={name} />)}
      cells={(piece) => of.series.map(({ counts }) => (counts[piece] ?? 0).toLocaleString())}
    />
  );
}
