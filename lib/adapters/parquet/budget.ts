/** A limit for one row group. The headers of a file state how much to allocate, and anybody can make a file. */
export class Budget {
  readonly #most: number;
  readonly #unit: string;
  #left: number;

  constructor(most: number, unit: string) {
    this.#most = most;
    this.#unit = unit;
    this.#left = most;
  }

  /**
   * Takes `count` from the budget.
   * @throws RangeError if less is left, or if `count` is not a valid number.
   */
  take(count: number): void {
    this.#left -= count;
    if (!(count >= 0 && this.#left >= 0)) throw new RangeError(`its pages have more than ${this.#most} ${this.#unit}`);
  }
}
