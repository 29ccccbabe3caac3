/** Rows above and below those in view, so that a quick hand sees no empty place: each costs time in every frame. */
export const MORE = 4;
/** The rows in view change in steps: not each pixel draws them anew. */
const STEP = 6;

/** Which rows are drawn. */
export interface Drawn {
  readonly first: number;
  readonly count: number;
}

/**
 * The rows to draw where `index` is the first in view, `inView` of them, of `all`. Where there are fewer than before the last
 * ones are: drawn behind their end, the empty place above would hold the view there, and it would creep up step by step.
 */
export function drawnOf(index: number, inView: number, all: number): Drawn {
  const count = inView + 2 * MORE + STEP;
  const first = Math.min(index - MORE, all - inView);
  return { first: Math.max(0, Math.floor(first / STEP) * STEP), count };
}
