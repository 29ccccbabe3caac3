import { decoded } from './utf-8.ts';

/** In bytes, what is asked of the system at once. */
const CHUNK_BITS = 20;
const CHUNK = 1 << CHUNK_BITS;

/** Short ASCII texts one behind the other, in memory that grows without being copied. */
export class RowTexts {
  readonly #chunks: Uint8Array[] = [];
  #at = CHUNK;

  /** Where `length` bytes have room; `write` puts them there. At most 1 MiB. */
  room(length: number): number {
    if (this.#at + length > CHUNK) {
      this.#chunks.push(new Uint8Array(CHUNK));
      this.#at = 0;
    }
    const place = (this.#chunks.length - 1) * CHUNK + this.#at;
    this.#at += length;
    return place;
  }

  write(place: number, bytes: Uint8Array, from: number, to: number): number {
    const chunk = this.#chunkOf(place);
    const behind = (place & (CHUNK - 1)) - from;
    for (let at = from; at < to; at += 1) chunk[behind + at] = bytes[at] ?? 0;
    return place + to - from;
  }

  read(place: number, length: number): string {
    const at = place & (CHUNK - 1);
    return decoded(this.#chunkOf(place), at, at + length);
  }

  /** Whether the text stands there. */
  isAt(place: number, text: string): boolean {
    const chunk = this.#chunkOf(place);
    const from = place & (CHUNK - 1);
    for (let at = 0; at < text.length; at += 1) if (chunk[from + at] !== text.charCodeAt(at)) return false;
    return true;
  }

  #chunkOf(place: number): Uint8Array {
    return this.#chunks[Math.floor(place / CHUNK)] ?? NOTHING;
  }
}

const NOTHING = new Uint8Array();
