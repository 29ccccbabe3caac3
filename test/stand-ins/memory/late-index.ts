import { isExpired } from '../../../lib/adapters/expiry.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import { type EpochMillis, MINUTE } from '../../../lib/time.ts';

/** How late an index may be in the tests: well within the two quiet minutes for which a claim stays open. */
const LATEST = 1.5 * MINUTE;

interface Version<V> {
  readonly value: V;
  readonly expires: number;
  readonly visibleAt: number;
}

/**
 * Items by key, read at once, and as an index sees them: each write becomes visible there a while later, by a number
 * that the seed chooses, and never before an earlier write of the same item. That is what DynamoDB promises of a global
 * secondary index.
 */
export class LateIndex<V> {
  readonly #versions = new Map<string, Version<V>[]>();
  readonly #clock: Clock;
  readonly #delay: () => number;

  /** `random` answers with numbers from 0 up to 1; without it the index is never late. */
  constructor(clock: Clock, random: (() => number) | undefined) {
    this.#clock = clock;
    this.#delay = () => (random === undefined ? 0 : random() * LATEST);
  }

  get(key: string): V | undefined {
    return this.#current(this.#versions.get(key)?.at(-1), this.#clock())[0];
  }

  /** `expires`: in seconds since the epoch; what is over counts as gone. */
  set(key: string, value: V, expires: number): void {
    const versions = this.#versions.get(key) ?? [];
    const earliest = versions.at(-1)?.visibleAt ?? 0;
    versions.push({ value, expires, visibleAt: Math.max(earliest, this.#clock() + this.#delay()) });
    this.#versions.set(key, versions);
  }

  /** The items as they are, in the order of their keys. */
  all(): V[] {
    const now = this.#clock();
    return this.#sorted().flatMap(([, versions]) => this.#current(versions.at(-1), now));
  }

  /** The items as the index shows them now. */
  visible(): V[] {
    const now = this.#clock();
    return this.#sorted().flatMap(([, versions]) =>
      this.#current(
        versions.findLast(({ visibleAt }) => visibleAt <= now),
        now,
      ),
    );
  }

  #current(version: Version<V> | undefined, now: EpochMillis): V[] {
    return version === undefined || isExpired(version, now) ? [] : [version.value];
  }

  #sorted(): [string, Version<V>[]][] {
    return [...this.#versions].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
