import { mulberry32 } from '../../examples/random.ts';

/** Chance with a seed: the same seed gives the same world on every machine. */
export type Draw = {
  /** Returns an integer from 0 up to, but not including, `limit`. */
  readonly below: (limit: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly shuffle: <T>(items: readonly T[]) => T[];
};

export function drawFrom(seed: number): Draw {
  const next = mulberry32(Math.imul(seed + 1, 0x9e3779b1)); // neighboring seeds would begin alike
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (from) => pickOne(from, below(from.length)),
    shuffle: (items) =>
      items
        .map((item) => ({ item, order: next() }))
        .sort((a, b) => a.order - b.order)
        .map(({ item }) => item),
  };
}

function pickOne<T>(from: readonly T[], index: number): T {
  const [picked] = from.slice(index, index + 1);
  if (picked === undefined && from.length === 0) throw new Error('nothing to pick from');
  return picked as T;
}
