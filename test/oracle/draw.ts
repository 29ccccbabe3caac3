/** Chance with a seed: the same seed draws the same world on every machine. */
export type Draw = {
  /** An integer from 0 up to, but not including, `limit`. */
  readonly below: (limit: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly shuffle: <T>(items: readonly T[]) => T[];
};

export function drawFrom(seed: number): Draw {
  const next = mulberry32(seed);
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

function mulberry32(seed: number): () => number {
  // Neighbouring seeds would begin alike: spread them first.
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
