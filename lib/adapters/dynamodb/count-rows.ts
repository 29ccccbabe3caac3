import type { CountEntry } from '../../counts/contribution.ts';
import { LEFT_OUT, type Trait, type Traits } from '../../counts/traits.ts';
import { sha256 } from '../digest.ts';

/**
 * Entries as bytes, about 21 for each. An entry has the digest of the record's ID (12 bytes), its revision and its
 * lag.
 * For each trait, it has the index of the trait's value in `texts`. Numbers are LEB128. A lag or an index of 0 means
 * none. An index of 1 means that the value was left out.
 */
export interface CountRows {
  readonly texts: readonly string[];
  readonly rows: Uint8Array;
}

/**
 * The number of bytes of the digest of a record's ID. No two records of an hour have the same digest by chance. Whoever
 * makes two such records only hides one of their own.
 */
const ID_BYTES = 12;
const [NONE, OMITTED, FIRST] = [0, 1, 2];

/** The traits in the order in which they are written. Add new ones only at the end. */
const WRITTEN: readonly Trait[] = ['status', 'verb', 'actor', 'namespace', 'resource', 'code', 'flag'];

export function rowsOf(entries: readonly CountEntry[]): CountRows {
  const places = new Map<string, number>();
  const bytes: number[] = [];
  for (const { id, revision, lag, traits } of entries) {
    bytes.push(...idBytes(id));
    pushNumber(bytes, revision);
    pushNumber(bytes, lag === undefined ? NONE : lag + 1);
    for (const trait of WRITTEN) pushNumber(bytes, placeOf(traits[trait], places));
  }
  return { texts: [...places.keys()], rows: Uint8Array.from(bytes) };
}

function placeOf(value: Traits[Trait], places: Map<string, number>): number {
  if (value === undefined) return NONE;
  if (value === LEFT_OUT) return OMITTED;
  const place = places.get(value) ?? places.size + FIRST;
  places.set(value, place);
  return place;
}

/** Returns the entries, each with the digest of its record's ID. Undefined if the bytes do not come from `rowsOf`. */
export function entriesOf({ texts, rows }: CountRows): CountEntry[] | undefined {
  const reader = new Reader(rows);
  const entries: CountEntry[] = [];
  while (!reader.isThrough) {
    const id = reader.id();
    const [revision, lag] = [reader.number(), reader.number()];
    const value = (): Traits[Trait] => {
      const place = reader.number();
      return place === OMITTED ? LEFT_OUT : texts[place - FIRST];
    };
    const traits: Traits = {
      status: value(),
      verb: value(),
      actor: value(),
      namespace: value(),
      resource: value(),
      code: value(),
      flag: value(),
    };
    entries.push({ id, revision, traits, ...(lag !== NONE && { lag: lag - 1 }) });
  }
  return reader.isComplete ? entries : undefined;
}

/** Returns the digest of a record's ID. */
export function shortId(id: string): string {
  return idBytes(id).toString('base64url');
}

function idBytes(id: string): Buffer {
  return Buffer.from(sha256(id), 'base64url').subarray(0, ID_BYTES);
}

function pushNumber(bytes: number[], number: number): void {
  let left = number;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  bytes.push(left);
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isThrough(): boolean {
    return this.#at >= this.#bytes.length;
  }

  get isComplete(): boolean {
    return this.#at === this.#bytes.length;
  }

  id(): string {
    this.#at += ID_BYTES;
    return this.#bytes.toString('base64url', this.#at - ID_BYTES, this.#at);
  }

  number(): number {
    let number = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      number += (byte & 0x7f) * scale;
      if (byte < 0x80) return number;
    }
  }
}
