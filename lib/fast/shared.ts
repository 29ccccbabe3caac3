/** What many rows share, each once, by its number. */
export class Shared<T extends object> {
  readonly #all: T[] = [];
  readonly #numbers = new Map<T, number>();

  numberOf(one: T): number {
    const known = this.#numbers.get(one);
    if (known !== undefined) return known;
    this.#numbers.set(one, this.#all.length);
    return this.#all.push(one) - 1;
  }

  at(number: number): T {
    const one = this.#all[number];
    if (one === undefined) throw new Error(`Nothing has the number ${number}.`);
    return one;
  }
}
