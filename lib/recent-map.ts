/**
 * A map of recently used entries: of at least the last `most` keys, and at most twice as many. It is for values that
 * can be computed again, and for any number of keys from outside.
 */
export class RecentMap<K, V> {
  readonly #most: number;
  #recent = new Map<K, V>();
  #older = new Map<K, V>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Returns the value of the key. Undefined if it has none, or if it was not used recently. */
  get(key: K): V | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const older = this.#older.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: K, value: V): void {
    if (this.#recent.size >= this.#most) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, value);
  }
}
