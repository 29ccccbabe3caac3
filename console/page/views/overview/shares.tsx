import type { SummaryAnswer } from '../../core/answers.ts';
import type { Bins } from '../../core/bins.ts';
import { countedBins } from '../../core/counted.ts';
import type { Span } from '../../core/moves.ts';
import { percent, sharesOf } from '../../core/overview.ts';
import { href } from '../../core/place.ts';
import { formatted } from '../../core/times.ts';
import { Histogram } from '../../parts/histogram.tsx';
import { OverTime } from '../../parts/over-time.tsx';

interface SharesProps {
  readonly of: SummaryAnswer;
  readonly span: Span;
  onChoose(span: Span): void;
  onWiden(): void;
}

/** How much was attributed when: in a chart, or in numbers. */
export function Shares({ of: summary, span, onChoose, onWiden }: SharesProps) {
  const bins = countedBins(summary, ['system']);
  const tone = (name: string) => `tone-${name}`;
  return (
    <section class="card">
      <OverTime
        bins={bins}
        head={<h2>Over time</h2>}
        tone={tone}
        label={(name) => <a href={href('timeline', { status: name })}>{name}</a>}
        chart={<Histogram what="Records" span={span} bins={bins} tone={tone} onChoose={onChoose} onWiden={onWiden} />}
        numbers={<Numbers of={bins} />}
      />
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
