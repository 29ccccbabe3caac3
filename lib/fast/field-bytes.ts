import { type Level, NOT_TAKEN, SKIPPED } from './field-levels.ts';
import { CLOSE_OBJECT, COMMA, type Escapes, hasAt, JsonBytes, OPEN_OBJECT, QUOTE } from './json-bytes.ts';
import { decoded } from './utf-8.ts';

/** So many keys of an object are expected where they stood in the last one. */
const MOST_EXPECTED = 48;
const LONGEST_KEY = 64;

/** Where the fields of a JSON object stand in its bytes. What they are is said by who reads a certain kind of object. */
export abstract class FieldBytes {
  readonly json = new JsonBytes();
  /** Where each field's value stands, texts with their quotes; `to` is 0 where it is missing, or of another type. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Of each text: 0, 1 or 2 (`Escapes`). */
  readonly escapes: Uint8Array;

  constructor(fields: number) {
    this.from = new Int32Array(fields);
    this.to = new Int32Array(fields);
    this.escapes = new Uint8Array(fields);
  }

  isThere(field: number): boolean {
    return this.to[field] !== 0;
  }

  /** Of a text: neither missing nor empty. */
  isFilled(field: number): boolean {
    return this.lengthOf(field) > 0;
  }

  /** Of a text, in bytes: at least as many as its UTF-16 code units. */
  lengthOf(field: number): number {
    return (this.to[field] ?? 0) - (this.from[field] ?? 0) - 2;
  }

  escapesOf(field: number): Escapes {
    return (this.escapes[field] ?? 0) as Escapes;
  }

  /** Reads the value of a field, as far as it is taken; false leaves the whole object to the plain way. */
  protected abstract value(field: number): boolean;

  /** Reads the object that begins here. */
  protected object(level: Level): boolean {
    const { json } = this;
    json.at += 1;
    json.blanks();
    if (json.next() === CLOSE_OBJECT) {
      json.at += 1;
      return true;
    }
    for (let index = 0; ; index += 1) {
      const field = this.#field(level, index);
      if (field === SKIPPED ? !json.skip() : field === NOT_TAKEN || !this.value(field)) return false;
      const next = json.nextStep();
      if (next === CLOSE_OBJECT) return true;
      if (next !== COMMA) return false;
      json.blanks();
    }
  }

  /** Reads the text that begins here; a value of another type is as if it were missing. */
  protected text(field: number): boolean {
    const { json } = this;
    const from = json.at;
    if (json.next() !== QUOTE) return this.other(field);
    if (!json.text()) return false;
    this.from[field] = from;
    this.to[field] = json.at;
    this.escapes[field] = json.escapes;
    return true;
  }

  /** A value of another type. */
  protected other(_field: number): boolean {
    return this.json.skip();
  }

  protected objectOrOther(level: Level): boolean {
    return this.json.next() === OPEN_OBJECT ? this.object(level) : this.json.skip();
  }

  /** Reads a key: most stand where they stood in the last line. */
  #field(level: Level, index: number): number {
    const { json } = this;
    const usual = level.expected[index];
    if (usual === undefined || !hasAt(json.bytes, json.at, usual.key)) return this.#key(level, index);
    json.at += usual.key.length;
    return usual.field;
  }

  /** Reads a key that is not the one that stood there last. */
  #key(level: Level, index: number): number {
    const { json } = this;
    const from = json.at;
    if (!json.text()) return NOT_TAKEN;
    const to = json.at;
    if (json.escapes === 2) return NOT_TAKEN; // it may mean any
    json.at = from;
    if (!json.key()) return NOT_TAKEN;
    const key = decoded(json.bytes, from + 1, to - 1);
    const field = level.known.get(key) ?? level.others(key);
    const isPlain = json.escapes === 0 && json.at === to + 1 && to - from <= LONGEST_KEY;
    if (isPlain && index < MOST_EXPECTED && index <= level.expected.length) {
      level.expected[index] = { key: new Uint8Array(json.bytes.subarray(from, json.at)), field };
    }
    return field;
  }
}
