import { useSignal } from '@preact/signals';
import type { SummaryAnswer } from '../../core/answers.ts';
import type { Bins } from '../../core/bins.ts';
import { countedBins } from '../../core/counted.ts';
import type { Span } from '../../core/moves.ts';
import { percent, sharesOf } from '../../core/overview.ts';
import { href } from '../../core/place.ts';
import { formatted } from '../../core/times.ts';
import { Histogram } from '../../parts/histogram.tsx';

interface SharesProps {
  readonly of: SummaryAnswer;
  readonly span: Span;
  onChoose(span: Span): void;
  onWiden(): void;
}

/** How much was attributed when: in a chart, or in numbers. */
export function Shares({ of: summary, span, onChoose, onWiden }: SharesProps) {
  const showsNumbers = useSignal(false);
  const bins = countedBins(summary, ['system']);
  return (
    <section class="card">
      <div class="chart-head">
        <h2>Over time</h2>
        <ul class="legend">
          {bins.series.map(({ name, total }) => (
            <li key={name}>
              <span class={`swatch tone-${name}`} />
              <a href={href('timeline', { status: name })}>{name}</a>{' '}
              <span class="facet-count">{total.toLocaleString()}</span>
            </li>
          ))}
        </ul>
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
      {showsNumbers.value ? (
        <Numbers of={bins} />
      ) : (
        <Histogram
          what="Records"
          span={span}
          bins={bins}
          tone={(name) => `tone-${name}`}
          onChoose={onChoose}
          onWiden={onWiden}
        />
      )}
    </section>
  );
}

function Numbers({ of }: { readonly of: Bins }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keys too (WCAG 2.1.1)
    <section class="table-frame numbers" aria-label="In numbers" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col" class="number">
              Records
            </th>
            <th scope="col" class="number">
              Attributed
            </th>
          </tr>
        </thead>
        <tbody>
          {sharesOf(of).map(({ from, count, share }) => (
            <tr key={from}>
              <th scope="row">{formatted(from, 'whole')}</th>
              <td class="number">{count.toLocaleString()}</td>
              <td class="number">{percent(share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
