import { hashed, mix, mixed } from './hash-bytes.ts';

const AT = 0x40;
const DASH = 0x2d;

/**
 * Hashes of ASCII texts, the same of a text and of its bytes (FNV-1a). Names of sessions are chosen: so that nobody chooses
 * thousands of one hash, each run begins with another seed.
 */
export class TextHash {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  ofBytes(bytes: Uint8Array, from: number, to: number): number {
    return hashed(mixed(this.#seed ^ (to - from), bytes, from, to));
  }

  ofText(text: string): number {
    let sum = this.#seed ^ text.length;
    for (let at = 0; at < text.length; at += 1) sum = mix(sum, text.charCodeAt(at));
    return hashed(sum);
  }

  /** With each `@` as `-`, as sessions are compared. */
  ofDashed(bytes: Uint8Array, from: number, to: number): number {
    let sum = this.#seed ^ (to - from);
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at] ?? 0;
      sum = mix(sum, byte === AT ? DASH : byte);
    }
    return hashed(sum);
  }
}
