const FIRST = 1 << 12;

/** Rows by a hash of whatever they are looked for by; several may have one, the last added comes first. Rows are added in order. */
export class RowTable {
  /** The row behind each hash's end, plus one; 0 where there is none. */
  #heads = new Int32Array(FIRST);
  /** Of each row: the next of the same end, plus one. */
  #nexts = new Int32Array(FIRST);
  #hashes = new Int32Array(FIRST);
  #count = 0;

  /** The hash is that of row `count`. */
  add(hash: number): void {
    const row = this.#count;
    this.#count += 1;
    if (row === this.#hashes.length) this.#grow();
    this.#hashes[row] = hash;
    this.#link(row);
  }

  /** The first row with the hash; -1 where there is none. */
  first(hash: number): number {
    return this.#from((this.#heads[hash & (this.#heads.length - 1)] ?? 0) - 1, hash);
  }

  /** The next with the hash of that row. */
  next(row: number): number {
    return this.#from((this.#nexts[row] ?? 0) - 1, this.#hashes[row] ?? 0);
  }

  /** Rows with the hash are found no more. */
  drop(hash: number): void {
    const end = hash & (this.#heads.length - 1);
    const kept: number[] = [];
    for (let row = (this.#heads[end] ?? 0) - 1; row >= 0; row = (this.#nexts[row] ?? 0) - 1) {
      if (this.#hashes[row] !== hash) kept.push(row);
    }
    this.#heads[end] = 0;
    for (const row of kept.reverse()) this.#link(row);
  }

  #from(start: number, hash: number): number {
    let row = start;
    while (row >= 0 && this.#hashes[row] !== hash) row = (this.#nexts[row] ?? 0) - 1;
    return row;
  }

  #link(row: number): void {
    const end = (this.#hashes[row] ?? 0) & (this.#heads.length - 1);
    this.#nexts[row] = this.#heads[end] ?? 0;
    this.#heads[end] = row + 1;
  }

  #grow(): void {
    const rows = this.#hashes.length;
    this.#hashes = grown(this.#hashes);
    this.#nexts = new Int32Array(rows * 2);
    this.#heads = new Int32Array(rows * 2);
    for (let row = 0; row < rows; row += 1) this.#link(row);
  }
}

/** The same numbers, and room for as many more. */
export function grown<T extends Int32Array | Float64Array>(numbers: T): T {
  const more = new (numbers.constructor as new (length: number) => T)(numbers.length * 2);
  more.set(numbers);
  return more;
}
