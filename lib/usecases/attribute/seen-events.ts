/**
 * Makes a digest of at least 16 characters, each of which is one byte (`binary`). Nobody may be able to find two events
 * with the same digest. It is a text, because a Buffer for each event takes four times as long.
 */
export type Digest = (text: string) => string;

const BYTES = 16;
const WORDS = BYTES / 4;
const FIRST_SLOTS = 1 << 14;
/** The share of used slots at which the table grows. Beyond it, runs of used slots would become long. */
const FULLEST = 0.75;

/**
 * The events that came so far, as digests of their identities. It takes 16 bytes for each event. A Set of texts would
 * take more memory than the logs themselves. Clients choose parts of the identity, so the digest must be a
 * cryptographic one.
 */
export class SeenEvents {
  #slots = FIRST_SLOTS;
  #table = new Uint32Array(FIRST_SLOTS * WORDS);
  readonly #words = new Uint32Array(WORDS);
  #size = 0;

  /** Adds the digest. Returns whether it was new. */
  isNew(digest: string): boolean {
    const words = this.#words;
    for (let word = 0; word < WORDS; word += 1) words[word] = wordAt(digest, word * 4);
    words[0] = (words[0] ?? 0) | 1; // An empty slot is all zeros.
    if (!this.#insert(words, 0)) return false;
    this.#size += 1;
    if (this.#size > this.#slots * FULLEST) this.#grow();
    return true;
  }

  /** Inserts the four words that begin at index `from`. Returns whether they were new. */
  #insert(words: Uint32Array, from: number): boolean {
    const table = this.#table;
    const mask = this.#slots - 1;
    const [first = 0, second = 0, third = 0, fourth = 0] = [
      words[from],
      words[from + 1],
      words[from + 2],
      words[from + 3],
    ];
    for (let at = (second & mask) * WORDS; ; at = (at + WORDS) & (mask * WORDS)) {
      if (table[at] === 0) {
        table[at] = first;
        table[at + 1] = second;
        table[at + 2] = third;
        table[at + 3] = fourth;
        return true;
      }
      const isThere =
        table[at] === first && table[at + 1] === second && table[at + 2] === third && table[at + 3] === fourth;
      if (isThere) return false;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#slots *= 2;
    this.#table = new Uint32Array(this.#slots * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at] !== 0) this.#insert(old, at);
    }
  }
}

function wordAt(digest: string, at: number): number {
  const byte = (offset: number) => digest.charCodeAt(at + offset);
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}
