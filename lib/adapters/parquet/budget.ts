/** What one row group may come to in all: its headers say how much is to be set aside for it, and files come from anybody. */
export class Budget {
  readonly #most: number;
  readonly #unit: string;
  #left: number;

  constructor(most: number, unit: string) {
    this.#most = most;
    this.#unit = unit;
    this.#left = most;
  }

  /** @throws RangeError where it is more than the whole, or no number at all. */
  take(count: number): void {
    this.#left -= count;
    if (!(count >= 0 && this.#left >= 0)) throw new RangeError(`its pages hold more than ${this.#most} ${this.#unit}`);
  }
}
