import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/time.ts';
import type { Span } from './moves.ts';

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

export interface Series {
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
export function binned<T>(
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
