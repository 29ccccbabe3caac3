import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Bins } from '../core/bins.ts';

interface OverTimeProps {
  readonly bins: Bins;
  /** Stands before the legend. */
  readonly head: ComponentChildren;
  /** The class that gives a series its colour. */
  tone(name: string): string;
  /** A series in the legend. */
  label(name: string): ComponentChildren;
  /** Of what the numbers are. */
  readonly scope: string;
  readonly chart: ComponentChildren;
  readonly numbers: ComponentChildren;
  /** What the numbers have nothing of, since it was not read; empty where all was. */
  readonly missing: string;
}

/** What is drawn over time, with its legend; in numbers for whoever wants them, or cannot see the chart. */
export function OverTime({ bins, head, tone, label, scope, chart, numbers, missing }: OverTimeProps) {
  const showsNumbers = useSignal(false);
  return (
    <>
      <div class="chart-head">
        {head}
        <ul class="legend">
          {bins.series.map(({ name, total }) => (
            <li>
              <span class={`swatch ${tone(name)}`} />
              {label(name)} <span class="facet-count">{total.toLocaleString()}</span>
            </li>
          ))}
        </ul>
        <span class="busy">{scope}</span>
        <button
          type="button"
          class="plain"
          aria-expanded={showsNumbers.value}
          onClick={() => {
            showsNumbers.value = !showsNumbers.value;
          }}
        >
          In numbers
        </button>
      </div>
      {showsNumbers.value ? numbers : chart}
      {showsNumbers.value && missing !== '' && <p class="busy">{missing}</p>}
    </>
  );
}
