import { SECOND } from '../../lib/time.ts';
import { QUOTAS } from './quotas.ts';
import { SERVICE } from './service.ts';

/**
 * A resource that takes write units at a rate, such as a partition of an index or a whole table; writes queue for it.
 * DynamoDB's burst capacity (unused units of the last five minutes) is left out, since it does not help under a steady
 * load.
 */
export class Writes {
  readonly name: string;
  #free = 0;
  #taken = 0;
  readonly #demanded: number[] = [];
  readonly #able: number[] = [];
  readonly #rate: (at: number) => number;

  constructor(name: string, rate: (at: number) => number) {
    this.name = name;
    this.#rate = rate;
  }

  /** Returns how long a write made now would wait. */
  wait(at: number): number {
    return Math.max(0, this.#free - at);
  }

  write(at: number, units: number): void {
    this.#taken += units;
    this.#able[Math.floor(at / QUOTAS.doublingTakes)] = this.#rate(at);
    this.#free = Math.max(this.#free, at) + (units / this.#rate(at)) * SECOND;
  }

  ask(at: number, units: number): void {
    const part = Math.floor(at / QUOTAS.doublingTakes);
    this.#demanded[part] = (this.#demanded[part] ?? 0) + units;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Returns demand divided by capacity in the busiest half hour. Above 1 it did not keep up. */
  use(to: number): number {
    const parts = Math.max(1, Math.ceil(to / QUOTAS.doublingTakes));
    const uses = Array.from({ length: parts }, (_, part) => {
      const from = part * QUOTAS.doublingTakes;
      const seconds = (Math.min(to, from + QUOTAS.doublingTakes) - from) / SECOND;
      return (this.#demanded[part] ?? 0) / (this.#ableIn(part) * seconds);
    });
    return Math.max(...uses);
  }

  #ableIn(part: number): number {
    return this.#able[part] ?? this.#rate(part * QUOTAS.doublingTakes);
  }
}

/** Returns a table or index on demand: every half hour it can take twice what it took before, up to its quota. */
export function onDemand(name: string, isWarm: boolean): Writes {
  let able: number = isWarm ? Number.POSITIVE_INFINITY : QUOTAS.newTableWrites;
  let step = 0;
  let before = 0;
  const writes: Writes = new Writes(name, (at) => {
    const now = Math.floor(at / QUOTAS.doublingTakes);
    if (now > step) {
      const rate = (writes.taken - before) / ((QUOTAS.doublingTakes / SECOND) * (now - step));
      able = Math.min(QUOTAS.tableWrites, Math.max(able, 2 * rate));
      step = now;
      before = writes.taken;
    }
    return isWarm ? 1e9 : able;
  });
  return writes;
}

export function partitionsOf(name: string, partitions: number): Writes {
  return new Writes(name, () => partitions * QUOTAS.partitionWrites);
}

/**
 * Writes to several resources together. Returns how long it takes, or that DynamoDB throttled for too long. Retries
 * read first.
 */
export function writeAll(
  at: number,
  parts: readonly (readonly [Writes, number])[],
  isAgain: boolean,
): number | 'throttled' {
  if (!isAgain) for (const [writes, units] of parts) writes.ask(at, units);
  const wait = Math.max(0, ...parts.map(([writes]) => writes.wait(at)));
  if (wait > SERVICE.patience) return 'throttled';
  for (const [writes, units] of parts) writes.write(at, units);
  return wait;
}
