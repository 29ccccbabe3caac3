/** Of so many bits one is taken by each text: of a thousand others about sixty seem to be among them. */
const BITS_EACH = 16;

/**
 * Which texts may be among some, by their hashes: most that are not are told apart by one bit, without being read. Whoever
 * is told that one may be has to look.
 */
export class MaybeTexts {
  readonly #bits: Uint8Array;
  readonly #mask: number;

  /** @param about how many there will be: of many more, most others seem to be among them. */
  constructor(about: number) {
    let bits = 1 << 10;
    while (bits < about * BITS_EACH) bits *= 2;
    this.#bits = new Uint8Array(bits / 8);
    this.#mask = bits - 1;
  }

  static of(hashes: readonly number[]): MaybeTexts {
    const texts = new MaybeTexts(hashes.length);
    for (const hash of hashes) texts.add(hash);
    return texts;
  }

  add(hash: number): void {
    const bit = hash & this.#mask;
    this.#bits[bit >> 3] = (this.#bits[bit >> 3] ?? 0) | (1 << (bit & 7));
  }

  mayHave(hash: number): boolean {
    const bit = hash & this.#mask;
    return ((this.#bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }
}
