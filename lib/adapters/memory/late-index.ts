import type { Clock } from '../../ports.ts';
import { MINUTE } from '../../time.ts';

/** How late an index may be in the tests: well within the two quiet minutes for which a claim stays open. */
const LATEST = 1.5 * MINUTE;

interface Version<V> {
  readonly value: V | undefined;
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
    return this.#versions.get(key)?.at(-1)?.value;
  }

  set(key: string, value: V | undefined): void {
    const versions = this.#versions.get(key) ?? [];
    const earliest = versions.at(-1)?.visibleAt ?? 0;
    versions.push({ value, visibleAt: Math.max(earliest, this.#clock() + this.#delay()) });
    this.#versions.set(key, versions);
  }

  /** The items as they are, in the order of their keys. */
  all(): V[] {
    return this.#sorted().flatMap(([, versions]) => versions.at(-1)?.value ?? []);
  }

  /** The items as the index shows them now. */
  visible(): V[] {
    const now = this.#clock();
    return this.#sorted().flatMap(
      ([, versions]) => versions.findLast(({ visibleAt }) => visibleAt <= now)?.value ?? [],
    );
  }

  #sorted(): [string, Version<V>[]][] {
    return [...this.#versions].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
