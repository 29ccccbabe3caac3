import { hashed, mixed } from './hash-bytes.ts';
import { decoded } from './utf-8.ts';

/** So many places may be one's own: a few that lead to the same do not drive one another out. */
const WAYS = 4;
const WAY_NUMBERS = Array.from({ length: WAYS }, (_, way) => way);
/** In bytes: longer ones are not remembered. */
const LONGEST = 2_048;
/** Of longer bytes some lead to a place, which lie so far apart. */
const SHORT = 64;
const STRIDE = 5;

interface Made<T> {
  readonly bytes: Uint8Array;
  readonly value: T;
}

/**
 * What was made of the same bytes before, of as many as have places. What comes for the first time takes nobody's place: it
 * may never come again.
 */
export class KnownBytes<T> {
  readonly #places: (Made<T> | undefined)[];
  /** What led to each place last. */
  readonly #before: Int32Array;
  readonly #make: (text: string) => T;

  /** @param places a power of two. */
  constructor(places: number, make: (text: string) => T) {
    this.#places = Array.from({ length: places });
    this.#before = new Int32Array(places);
    this.#make = make;
  }

  of(bytes: Uint8Array, from: number, to: number): T {
    if (to - from > LONGEST) return this.#make(decoded(bytes, from, to));
    const stride = to - from > SHORT ? STRIDE : 1;
    const sum = mixed(to - from, bytes, from, to, stride);
    const first = hashed(sum) & (this.#places.length - 1);
    for (let way = 0; way < WAYS; way += 1) {
      const known = this.#places[first ^ way];
      if (known !== undefined && isSame(known.bytes, bytes, from, to)) return known.value;
    }
    const value = this.#make(decoded(bytes, from, to));
    this.#keep({ bytes: new Uint8Array(bytes.subarray(from, to)), value }, first, sum); // a Buffer's `slice` copies nothing
    return value;
  }

  #keep(made: Made<T>, first: number, sum: number): void {
    const free = WAY_NUMBERS.find((way) => this.#places[first ^ way] === undefined);
    const place = first ^ (free ?? sum & (WAYS - 1));
    if (free !== undefined || this.#before[place] === sum) this.#places[place] = made;
    this.#before[place] = sum;
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let at = 0; at < known.length; at += 1) if (known[at] !== bytes[from + at]) return false;
  return true;
}
