import { isExpired } from '../../../lib/adapters/expiry.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import { type EpochMillis, MINUTE } from '../../../lib/time.ts';

/** The longest delay of an index in the tests: well within the two quiet minutes for which a claim stays open. */
const LATEST = 1.5 * MINUTE;

interface Version<V> {
  readonly value: V;
  readonly expires: number;
  readonly visibleAt: number;
}

/**
 * Items by key, read at once, and as an index shows them. Each write becomes visible in the index after a delay that
 * the seed chooses, and never before an earlier write of the same item. DynamoDB promises that for a global secondary
 * index.
 */
export class LateIndex<V> {
  readonly #versions = new Map<string, Version<V>[]>();
  /** The versions in the order of their keys, until another key comes. */
  #inOrder: (readonly Version<V>[])[] | undefined;
  readonly #clock: Clock;
  readonly #delay: () => number;

  /** `random` returns numbers from 0 up to 1. Without it the index has no delay. */
  constructor(clock: Clock, random: (() => number) | undefined) {
    this.#clock = clock;
    this.#delay = () => (random === undefined ? 0 : random() * LATEST);
  }

  get(key: string): V | undefined {
    return this.#current(this.#versions.get(key)?.at(-1), this.#clock())[0];
  }

  /** `expires` is in seconds since the epoch. An expired item counts as deleted. */
  set(key: string, value: V, expires: number): void {
    const versions = this.#versions.get(key) ?? [];
    if (versions.length === 0) this.#inOrder = undefined;
    const earliest = versions.at(-1)?.visibleAt ?? 0;
    versions.push({ value, expires, visibleAt: Math.max(earliest, this.#clock() + this.#delay()) });
    this.#versions.set(key, versions);
  }

  /** Returns the current items, in the order of their keys. */
  all(): V[] {
    const now = this.#clock();
    return this.#sorted().flatMap((versions) => this.#current(versions.at(-1), now));
  }

  /** Returns the items that the index shows now. */
  visible(): V[] {
    const now = this.#clock();
    return this.#sorted().flatMap((versions) =>
      this.#current(
        versions.findLast(({ visibleAt }) => visibleAt <= now),
        now,
      ),
    );
  }

  #current(version: Version<V> | undefined, now: EpochMillis): V[] {
    return version === undefined || isExpired(version, now) ? [] : [version.value];
  }

  #sorted(): (readonly Version<V>[])[] {
    this.#inOrder ??= [...this.#versions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, versions]) => versions);
    return this.#inOrder;
  }
}
