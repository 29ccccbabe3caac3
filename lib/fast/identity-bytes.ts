import type { PayloadBytes } from './payload-bytes.ts';

/** Of bytes, which it does not keep. */
export type BytesDigest = (bytes: Uint8Array) => string;

/** In bytes: what is copied at once. It may write so many too many, which what follows overwrites. */
const WORD = 4;
/** In bytes: a longer identity is left to the plain way. */
const LONGEST = 8_192;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN = 0x5b;
const NULL = 0x6c6c756e; // `null`, the last byte first

/**
 * `eventIdentity` of events whose texts are ASCII and have nothing to be escaped: they are written where one digests them, and no
 * text is made.
 */
export class IdentityBytes {
  readonly #payload: PayloadBytes;
  readonly #digest: BytesDigest;
  readonly #bytes = new Uint8Array(LONGEST + WORD);
  readonly #view = new DataView(this.#bytes.buffer);
  /** By their lengths: making one takes as long as writing what is in it. */
  readonly #beginnings: (Uint8Array | undefined)[] = [];
  #at = 0;

  constructor(payload: PayloadBytes, digest: BytesDigest) {
    this.#payload = payload;
    this.#digest = digest;
  }

  /** With the audit id, which may be empty. */
  begin(from: number, to: number): void {
    this.#bytes[0] = OPEN;
    this.#at = 1;
    this.#text(from, to);
  }

  /** A text that counts as missing where it is empty. */
  add(from: number, to: number): void {
    if (from < to) return this.#text(from, to);
    if (this.#at > LONGEST - 2 * WORD) return this.#isFull();
    this.#view.setInt32(this.#at, NULL, true);
    this.#at += WORD;
    this.#put(COMMA);
  }

  /** @param caller its part, in UTF-8. Undefined where there was no room. */
  digest(caller: Uint8Array): string | undefined {
    const end = this.#at + caller.length;
    if (end > LONGEST) return undefined;
    for (let index = 0; index < caller.length; index += 1) this.#bytes[this.#at + index] = caller[index] ?? 0;
    this.#beginnings[end] ??= this.#bytes.subarray(0, end);
    return this.#digest(this.#beginnings[end]);
  }

  #text(from: number, to: number): void {
    const { view } = this.#payload;
    const length = to - from;
    if (this.#at + length > LONGEST - 2 * WORD) return this.#isFull();
    this.#put(QUOTE);
    for (let index = 0; index < length; index += WORD) {
      this.#view.setInt32(this.#at + index, view.getInt32(from + index, true), true);
    }
    this.#at += length;
    this.#put(QUOTE);
    this.#put(COMMA);
  }

  #put(byte: number): void {
    this.#bytes[this.#at] = byte;
    this.#at += 1;
  }

  #isFull(): void {
    this.#at = LONGEST + 1;
  }
}
