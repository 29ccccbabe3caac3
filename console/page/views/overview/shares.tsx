import type { SummaryAnswer } from '../../core/answers.ts';
import { heightOf } from '../../core/bins.ts';
import { countsOf } from '../../core/counted.ts';
import type { Span } from '../../core/moves.ts';
import { percent, shareIn } from '../../core/overview.ts';
import { href } from '../../core/place.ts';
import { Histogram, unreadText } from '../../parts/histogram.tsx';
import { Numbers } from '../../parts/numbers.tsx';
import { OverTime } from '../../parts/over-time.tsx';

const NOT_COUNTED = 'not counted to the end';

interface SharesProps {
  readonly of: SummaryAnswer;
  readonly span: Span;
  onChoose(span: Span): void;
  onWiden(): void;
}

/** How much was attributed when: in a chart, or in numbers. */
export function Shares({ of: summary, span, onChoose, onWiden }: SharesProps) {
  const { bins, unread } = countsOf(summary, ['system']);
  const tone = (name: string) => `tone-${name}`;
  return (
    <section class="card">
      <OverTime
        bins={bins}
        head={<h2>Over time</h2>}
        tone={tone}
        label={(name) => <a href={href('timeline', { status: name })}>{name}</a>}
        scope="Records of people and programs"
        missing={unreadText(unread, NOT_COUNTED)}
        chart={
          <Histogram
            what="Records"
            span={span}
            bins={bins}
            unread={unread}
            unreadIs={NOT_COUNTED}
            tone={tone}
            onChoose={onChoose}
            onWiden={onWiden}
          />
        }
        numbers={
          <Numbers
            of={bins}
            titles={['Records', 'Attributed']}
            cells={(piece) => [heightOf(bins, piece).toLocaleString(), percent(shareIn(bins, piece))]}
          />
        }
      />
    </section>
  );
}
