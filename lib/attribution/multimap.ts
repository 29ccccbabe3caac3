const NONE: readonly never[] = [];

/**
 * A map with several values a key, most of which have one: that one is kept without a list around it, which halves
 * what a hundred thousand grants take.
 */
export class Multimap<K, V extends object> {
  readonly #entries = new Map<K, V | V[]>();

  get(key: K): readonly V[] {
    const entry = this.#entries.get(key);
    if (entry === undefined) return NONE;
    return Array.isArray(entry) ? entry : [entry];
  }

  first(key: K): V | undefined {
    const entry = this.#entries.get(key);
    return Array.isArray(entry) ? entry[0] : entry;
  }

  *values(): Generator<V> {
    for (const entry of this.#entries.values()) {
      if (Array.isArray(entry)) yield* entry;
      else yield entry;
    }
  }

  *entries(): Generator<readonly [K, readonly V[]]> {
    for (const key of this.#entries.keys()) yield [key, this.get(key)];
  }

  /** Answers whether the key had values before. */
  add(key: K, value: V): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, value);
    else if (Array.isArray(entry)) entry.push(value);
    else this.#entries.set(key, [entry, value]);
    return entry !== undefined;
  }

  delete(key: K, value: V): void {
    const rest = this.get(key).filter((other) => other !== value);
    const [only] = rest;
    if (only === undefined) this.#entries.delete(key);
    else this.#entries.set(key, rest.length === 1 ? only : rest);
  }

  /** Puts the values of the key in order, in place. */
  sort(key: K, compare: (a: V, b: V) => number): void {
    const entry = this.#entries.get(key);
    if (Array.isArray(entry)) entry.sort(compare);
  }
}
