/** Rows above and below those in view, so that a quick hand sees no empty place: each costs time in every frame. */
export const MORE = 4;
/** The rows in view change in steps: not each pixel draws them anew. */
const STEP = 6;

/** Which rows are drawn. */
export interface Drawn {
  readonly first: number;
  readonly count: number;
  /** From which row the places are counted round in which they are drawn (`placeOfRow`). */
  readonly base: number;
}

/**
 * The rows to draw where `index` is the first in view, `inView` of them, of `all`. Where there are fewer than before the last
 * ones are: drawn behind their end, the empty place above would hold the view there, and it would creep up step by step.
 * `was` is drawn now.
 */
export function drawnOf(index: number, inView: number, all: number, was: Drawn): Drawn {
  const count = inView + 2 * MORE + STEP;
  const least = Math.min(index - MORE, all - inView);
  const first = Math.max(0, Math.floor(least / STEP) * STEP);
  const isElsewhere = Math.abs(first - was.first) >= count;
  return { first, count, base: isElsewhere ? was.base + first - was.first : was.base };
}

/**
 * The place in which a row is drawn: what leaves at one end is drawn anew at the other, and all others stay as they are. Where none
 * of them stays, each place shows another row, and none is moved: a row that is moved is laid out from the beginning.
 */
export function placeOfRow(row: number, { count, base }: Drawn): number {
  return (((row - base) % count) + count) % count;
}
