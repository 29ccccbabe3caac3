import { BytesWriter } from './bytes-writer.ts';
import type { EventBytes } from './event-bytes.ts';
import { FIELD } from './event-fields.ts';
import { hashed, mixed } from './hash-bytes.ts';

/** So many callers are remembered, each in the one place that its bytes lead to: whoever comes to it next takes it over. */
export const PLACES = 8_192;
/** The place of callers that are not remembered: it is taken over each time. */
export const NO_PLACE = PLACES;

/** In bytes, for a caller's `user`, its part of the head and its part of the identity. Longer ones are not remembered. */
const ROOM = 2_048;
/** So many bytes of the `user` lie between those that lead to a place. */
const STRIDE = 16;
/** And all of the last bytes of what tells callers apart. */
const TELLING = [FIELD.username, FIELD.accessKeyId];
const TELLING_BYTES = 96;

/**
 * The callers of the last events, as their bytes: of one that is known nothing is read again. In one piece of memory that
 * does not grow, whoever calls.
 */
export class SenderPlaces {
  readonly #memory = new Uint8Array(PLACES * ROOM);
  readonly #userEnds = new Int32Array(PLACES);
  readonly #headEnds = new Int32Array(PLACES);
  readonly #identityEnds = new Int32Array(PLACES);
  readonly #writer = new BytesWriter();

  /** What leads to the place of each caller that came by last, and has none yet. */
  readonly #before = new Int32Array(PLACES);

  /**
   * The caller's place; `-1 - place` where it is to have that one and does not; `NO_PLACE` where it comes for the first
   * time: in a log of many callers those who never come again shall take nobody's place.
   */
  placeOf(event: EventBytes): number {
    const { bytes } = event.json;
    const [from, to] = [event.from[FIELD.user] ?? 0, event.to[FIELD.user] ?? 0];
    let sum = mixed(to - from, bytes, from, to, STRIDE);
    for (const field of TELLING) {
      const end = event.to[field] ?? 0;
      const begin = Math.max(event.from[field] ?? 0, end - TELLING_BYTES);
      sum = mixed(sum, bytes, begin, end);
    }
    const place = hashed(sum) & (PLACES - 1);
    if (this.#isAt(place, bytes, from, to)) return place;
    const cameBefore = this.#before[place] === sum;
    this.#before[place] = sum;
    return cameBefore ? -1 - place : NO_PLACE;
  }

  /** Whether the very same `user` is remembered there. */
  #isAt(place: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = place * ROOM;
    if ((this.#userEnds[place] ?? 0) !== start + to - from) return false;
    const memory = this.#memory;
    for (let at = from, known = start; at < to; at += 1, known += 1) if (bytes[at] !== memory[known]) return false;
    return true;
  }

  /** Writes the parts that were remembered. */
  write(place: number, head: BytesWriter, identity: BytesWriter): void {
    const headEnd = this.#headEnds[place] ?? 0;
    head.range(this.#memory, this.#userEnds[place] ?? 0, headEnd);
    identity.range(this.#memory, headEnd, this.#identityEnds[place] ?? 0);
  }

  /** Remembers the caller whose parts were written from `headFrom` and `identityFrom` on; false where it has too much. */
  remember(
    place: number,
    event: EventBytes,
    { head, headFrom }: { readonly head: BytesWriter; readonly headFrom: number },
    { identity, identityFrom }: { readonly identity: BytesWriter; readonly identityFrom: number },
  ): boolean {
    const [from, to] = [event.from[FIELD.user] ?? 0, event.to[FIELD.user] ?? 0];
    if (to - from + head.at - headFrom + identity.at - identityFrom > ROOM) return false;
    const writer = this.#writer;
    writer.into(this.#memory, place * ROOM);
    writer.range(event.json.bytes, from, to);
    this.#userEnds[place] = writer.at;
    writer.range(head.out, headFrom, head.at);
    this.#headEnds[place] = writer.at;
    writer.range(identity.out, identityFrom, identity.at);
    this.#identityEnds[place] = writer.at;
    return true;
  }
}
