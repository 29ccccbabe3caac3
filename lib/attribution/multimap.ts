const NONE: readonly never[] = [];
/** Above this length, deleting a value does not search the list at once. */
const SHORT = 32;

/**
 * A map with several values for each key. Most keys have only one value. It is stored without a list, which halves the
 * memory of a hundred thousand grants.
 */
export class Multimap<K, V extends object> {
  readonly #entries = new Map<K, V | V[]>();
  /** Values that were deleted from long lists. They stay in their list until it is read, so that one pass can remove many. */
  readonly #gone = new Map<K, Set<V>>();

  get(key: K): readonly V[] {
    if (this.#gone.size > 0) this.#clear(key);
    const entry = this.#entries.get(key);
    if (entry === undefined) return NONE;
    return Array.isArray(entry) ? entry : [entry];
  }

  first(key: K): V | undefined {
    if (this.#gone.size > 0) this.#clear(key);
    const entry = this.#entries.get(key);
    return Array.isArray(entry) ? entry[0] : entry;
  }

  *values(): Generator<V> {
    for (const key of [...this.#gone.keys()]) this.#clear(key);
    for (const entry of this.#entries.values()) {
      if (Array.isArray(entry)) yield* entry;
      else yield entry;
    }
  }

  *entries(): Generator<readonly [K, readonly V[]]> {
    for (const key of this.#entries.keys()) yield [key, this.get(key)];
  }

  /** Adds a value. Returns whether the key may have other values. These can be deleted ones that are still in the list. */
  add(key: K, value: V): boolean {
    if (this.#gone.size > 0 && this.#gone.get(key)?.has(value)) this.#clear(key);
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, value);
    else if (Array.isArray(entry)) entry.push(value);
    else this.#entries.set(key, [entry, value]);
    return entry !== undefined;
  }

  delete(key: K, value: V): void {
    const entry = this.#entries.get(key);
    if (Array.isArray(entry) && entry.length > SHORT) this.#goneOf(key).add(value);
    else this.#keep(key, (other) => other !== value);
  }

  /** Sorts the values of a key in place. */
  sort(key: K, compare: (a: V, b: V) => number): void {
    this.#clear(key);
    const entry = this.#entries.get(key);
    if (Array.isArray(entry)) entry.sort(compare);
  }

  #goneOf(key: K): Set<V> {
    const known = this.#gone.get(key) ?? new Set();
    this.#gone.set(key, known);
    return known;
  }

  /** Removes deleted values from the key's list. */
  #clear(key: K): void {
    const gone = this.#gone.get(key);
    if (gone === undefined) return;
    this.#gone.delete(key);
    this.#keep(key, (value) => !gone.has(value));
  }

  #keep(key: K, isKept: (value: V) => boolean): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const rest = (Array.isArray(entry) ? entry : [entry]).filter(isKept);
    const [only] = rest;
    if (only === undefined) this.#entries.delete(key);
    else this.#entries.set(key, rest.length === 1 ? only : rest);
  }
}
