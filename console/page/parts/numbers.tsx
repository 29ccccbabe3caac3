import type { ComponentChildren } from 'preact';
import { type Bins, heightOf, OTHERS } from '../core/bins.ts';
import { formatted } from '../core/times.ts';
import { Text } from './text.tsx';

interface NumbersProps {
  readonly of: Bins;
  readonly titles: readonly ComponentChildren[];
  /** What stands under the titles, of a piece of time in which there was something. */
  cells(piece: number): readonly string[];
}

/** What a chart shows, in numbers. */
export function Numbers({ of: bins, titles, cells }: NumbersProps) {
  const pieces = Array.from({ length: bins.count }, (_, piece) => piece).filter((piece) => heightOf(bins, piece) > 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keys too (WCAG 2.1.1)
    <section class="table-frame numbers" aria-label="In numbers" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {titles.map((title) => (
              <th scope="col" class="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pieces.map((piece) => (
            <tr>
              <th scope="row">{formatted(bins.start + piece * bins.size, 'whole')}</th>
              {cells(piece).map((cell) => (
                <td class="number">{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What a series is of, which whoever called may have chosen; all that have no place of their own are none of a name. */
export function SeriesName({ of }: { readonly of: string }) {
  return of === OTHERS ? <i>all others</i> : <Text of={of} />;
}

/** Each series by itself. */
export function SeriesNumbers({ of }: { readonly of: Bins }) {
  return (
    <Numbers
      of={of}
      titles={of.series.map(({ name }) => <SeriesName of={name} />)}
      cells={(piece) => of.series.map(({ counts }) => (counts[piece] ?? 0).toLocaleString())}
    />
  );
}
