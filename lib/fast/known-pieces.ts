import { hashed, mix } from './hash-bytes.ts';
import type { PayloadBytes } from './payload-bytes.ts';

/** In bytes: what is looked at, and compared, at once. */
const WORD = 4;
/** So many pieces that lead to one place are remembered. */
const MOST_ALIKE = 8;

interface Known<T> {
  /** Where it was kept. */
  readonly at: number;
  readonly length: number;
  readonly value: T;
  readonly next: Known<T> | undefined;
  readonly alike: number;
}

/**
 * What was told of the same bytes of this payload before: no text is made of a piece that comes again. Each byte counts for
 * where it is looked for, since names of nodes differ in a few. Pieces are kept side by side: in the payload they lie far apart.
 */
export class KnownPieces<T> {
  readonly #payload: PayloadBytes;
  readonly #tell: (text: string) => T;
  readonly #places: (Known<T> | undefined)[];
  readonly #kept: Uint8Array;
  readonly #view: DataView;
  #end = 0;

  /** @param places a power of two. @param room for the pieces' bytes: those that find none are told of each time. */
  constructor(payload: PayloadBytes, places: number, room: number, tell: (text: string) => T) {
    this.#payload = payload;
    this.#tell = tell;
    this.#places = new Array(places).fill(undefined);
    this.#kept = new Uint8Array(room);
    this.#view = new DataView(this.#kept.buffer);
  }

  of(from: number, to: number): T {
    const { view } = this.#payload;
    const length = to - from;
    const place = placeOf(view, from, length) & (this.#places.length - 1);
    const first = this.#places[place];
    for (let known = first; known !== undefined; known = known.next) {
      if (known.length === length && isSame(this.#view, known.at, view, from, length)) return known.value;
    }
    const value = this.#tell(this.#payload.cut(from, to));
    const alike = (first?.alike ?? 0) + 1;
    const at = this.#end;
    if (alike > MOST_ALIKE || at + length > this.#kept.length) return value;
    this.#kept.set(this.#payload.bytes.subarray(from, to), at);
    this.#end = at + length;
    this.#places[place] = { at, length, value, next: first, alike };
    return value;
  }
}

function placeOf(view: DataView, from: number, length: number): number {
  let sum = length;
  if (length < WORD) {
    for (let at = 0; at < length; at += 1) sum = mix(sum, view.getUint8(from + at));
  } else {
    for (let at = 0; at < length - WORD; at += WORD) sum = mix(sum, view.getInt32(from + at, true));
    sum = mix(sum, view.getInt32(from + length - WORD, true));
  }
  return hashed(sum);
}

function isSame(kept: DataView, at: number, view: DataView, from: number, length: number): boolean {
  if (length < WORD) {
    for (let index = 0; index < length; index += 1) {
      if (kept.getUint8(at + index) !== view.getUint8(from + index)) return false;
    }
    return true;
  }
  for (let index = 0; index < length - WORD; index += WORD) {
    if (kept.getInt32(at + index, true) !== view.getInt32(from + index, true)) return false;
  }
  return kept.getInt32(at + length - WORD, true) === view.getInt32(from + length - WORD, true);
}
