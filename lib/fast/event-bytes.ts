import { eventLevels, FIELD, FIELDS, type Level, LISTS_OF_ONE, NOT_TAKEN, SKIPPED, TEXTS } from './event-fields.ts';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  type Escapes,
  hasAt,
  JsonBytes,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './json-bytes.ts';

/** Of a list, as records keep them. */
const LONGEST_ENTRY = 1_024;
const MOST_ENTRIES = 64;
/** So many keys of an object are expected where they stood in the last one. */
const MOST_EXPECTED = 48;
const LONGEST_KEY = 64;
/** A mark at the beginning is a part of the text, as in a key. */
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Where an audit event's line has what a record is made of. It takes the lines that an API server writes, and says no to
 * whatever is read in a way of its own: a field twice, somebody impersonated, a token issued, keys with escapes.
 */
export class EventBytes {
  readonly json = new JsonBytes();
  /** Where each field's value stands, texts with their quotes; `to` is 0 where it is missing, or of another type. */
  readonly from = new Int32Array(FIELDS);
  readonly to = new Int32Array(FIELDS);
  /** Of each text: 0, 1 or 2 (`Escapes`). */
  readonly escapes = new Uint8Array(FIELDS);
  /** Whether the user has nothing about it that is read in a way of its own. */
  isPlainUser = false;
  /** A bit for each field that came by. */
  #seen = 0;
  readonly #levels = eventLevels();

  /** Whether the bytes are such a line and nothing else. */
  read(line: Uint8Array): boolean {
    this.from.fill(0);
    this.to.fill(0);
    this.#seen = 0;
    this.isPlainUser = true;
    const { json } = this;
    json.begin(line);
    if (line[0] !== OPEN_OBJECT || !this.#object(this.#levels.event)) return false;
    json.blanks();
    return json.at === line.length && this.isThere(FIELD.auditId) && this.isThere(FIELD.user);
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

  #object(level: Level): boolean {
    const { json } = this;
    json.at += 1;
    json.blanks();
    if (json.next() === CLOSE_OBJECT) {
      json.at += 1;
      return true;
    }
    for (let index = 0; ; index += 1) {
      const field = this.#field(level, index);
      if (field === SKIPPED ? !json.skip() : field === NOT_TAKEN || !this.#value(field)) return false;
      const next = json.nextStep();
      if (next === CLOSE_OBJECT) return true;
      if (next !== COMMA) return false;
      json.blanks();
    }
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
    const key = DECODER.decode(json.bytes.subarray(from + 1, to - 1));
    const field = level.known.get(key) ?? level.others(key);
    const isPlain = json.escapes === 0 && json.at === to + 1 && to - from <= LONGEST_KEY;
    if (isPlain && index < MOST_EXPECTED && index <= level.expected.length) {
      level.expected[index] = { key: new Uint8Array(json.bytes.subarray(from, json.at)), field };
    }
    return field;
  }

  #value(field: number): boolean {
    const bit = 1 << field;
    if ((this.#seen & bit) !== 0) return this.#again(field);
    this.#seen |= bit;
    if (field < TEXTS) return this.#text(field);
    if (field < LISTS_OF_ONE) return this.#onlyText(field);
    switch (field) {
      case FIELD.user:
        return this.#user();
      case FIELD.extra:
        return this.#extra();
      case FIELD.groups:
        return this.#groups();
      case FIELD.ips:
        return this.#list(FIELD.ips);
      case FIELD.code:
        return this.#code();
      case FIELD.object:
        return this.#objectOrOther(this.#levels.object);
      case FIELD.status:
        return this.#objectOrOther(this.#levels.status);
      default:
        return this.#objectOrOther(this.#levels.annotations);
    }
  }

  /** Of a field that comes twice the last value counts: a user is then read in the plain way, any other event too. */
  #again(field: number): boolean {
    const isOfUser = field === FIELD.uid || field === FIELD.username || field === FIELD.groups || field === FIELD.extra;
    if (!isOfUser) return false;
    this.isPlainUser = false;
    return this.json.skip();
  }

  #text(field: number): boolean {
    const { json } = this;
    const from = json.at;
    if (json.next() !== QUOTE) return this.#other(field);
    if (!json.text()) return false;
    this.from[field] = from;
    this.to[field] = json.at;
    this.escapes[field] = json.escapes;
    return true;
  }

  /** A value of another type: as if it were missing. */
  #other(field: number): boolean {
    if (field === FIELD.uid || field === FIELD.username) this.isPlainUser = false;
    return this.json.skip();
  }

  #onlyText(field: number): boolean {
    const { json } = this;
    if (json.next() !== OPEN_ARRAY) return false;
    json.at += 1;
    if (json.next() !== QUOTE || !this.#text(field) || json.next() !== CLOSE_ARRAY) return false;
    json.at += 1;
    return true;
  }

  #list(field: number): boolean {
    const { json } = this;
    const from = json.at;
    const count = json.texts(LONGEST_ENTRY);
    if (count < 0 || count > MOST_ENTRIES) return false;
    if (count === 0) return true;
    this.from[field] = from;
    this.to[field] = json.at;
    return true;
  }

  #objectOrOther(level: Level): boolean {
    return this.json.next() === OPEN_OBJECT ? this.#object(level) : this.json.skip();
  }

  /** Of three digits, as HTTP's are: others may be written otherwise. */
  #code(): boolean {
    const { json } = this;
    const { at, bytes } = json;
    if (!json.skip() || json.at - at !== 3 || !isPlainCode(bytes, at)) return false;
    this.from[FIELD.code] = at;
    this.to[FIELD.code] = json.at;
    return true;
  }

  #user(): boolean {
    const { json } = this;
    const from = json.at;
    if (json.next() !== OPEN_OBJECT || !this.#object(this.#levels.user)) return false;
    this.from[FIELD.user] = from;
    this.to[FIELD.user] = json.at;
    return true;
  }

  /** What is not as it always is, is JSON all the same, or the line is none. */
  #extra(): boolean {
    const from = this.json.at;
    return (this.json.next() === OPEN_OBJECT && this.#object(this.#levels.extra)) || this.#leaveUser(from);
  }

  #groups(): boolean {
    const from = this.json.at;
    return this.#list(FIELD.groups) || this.#leaveUser(from);
  }

  #leaveUser(from: number): boolean {
    this.isPlainUser = false;
    this.json.at = from;
    return this.json.skip();
  }
}

function isPlainCode(bytes: Uint8Array, at: number): boolean {
  const [first, second, third] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0];
  return first >= 0x31 && first <= 0x39 && second >= 0x30 && second <= 0x39 && third >= 0x30 && third <= 0x39;
}
