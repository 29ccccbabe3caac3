import { eventLevels, FIELD, FIELDS, LISTS_OF_ONE, TEXTS } from './event-fields.ts';
import { FieldBytes } from './field-bytes.ts';
import { CLOSE_ARRAY, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-bytes.ts';

/** Of a list, as records keep them. */
const LONGEST_ENTRY = 1_024;
const MOST_ENTRIES = 64;

/**
 * Where an audit event's line has what a record is made of. It takes the lines that an API server writes, and says no to
 * whatever is read in a way of its own: a field twice, somebody impersonated, a token issued, keys with escapes.
 */
export class EventBytes extends FieldBytes {
  /** Whether the user has nothing about it that is read in a way of its own. */
  isPlainUser = false;
  /** A bit for each field that came by. */
  #seen = 0;
  readonly #levels = eventLevels();

  constructor() {
    super(FIELDS);
  }

  /** Whether the bytes are such a line and nothing else. */
  read(line: Uint8Array): boolean {
    this.from.fill(0);
    this.to.fill(0);
    this.#seen = 0;
    this.isPlainUser = true;
    const { json } = this;
    json.begin(line);
    if (line[0] !== OPEN_OBJECT || !this.object(this.#levels.event)) return false;
    json.blanks();
    return json.at === line.length && this.isThere(FIELD.auditId) && this.isThere(FIELD.user);
  }

  protected override value(field: number): boolean {
    const bit = 1 << field;
    if ((this.#seen & bit) !== 0) return this.#again(field);
    this.#seen |= bit;
    if (field < TEXTS) return this.text(field);
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
        return this.objectOrOther(this.#levels.object);
      case FIELD.status:
        return this.objectOrOther(this.#levels.status);
      default:
        return this.objectOrOther(this.#levels.annotations);
    }
  }

  /** Of a field that comes twice the last value counts: a user is then read in the plain way, any other event too. */
  #again(field: number): boolean {
    const isOfUser = field === FIELD.uid || field === FIELD.username || field === FIELD.groups || field === FIELD.extra;
    if (!isOfUser) return false;
    this.isPlainUser = false;
    return this.json.skip();
  }

  protected override other(field: number): boolean {
    if (field === FIELD.uid || field === FIELD.username) this.isPlainUser = false;
    return this.json.skip();
  }

  #onlyText(field: number): boolean {
    const { json } = this;
    if (json.next() !== OPEN_ARRAY) return false;
    json.at += 1;
    if (json.next() !== QUOTE || !this.text(field) || json.next() !== CLOSE_ARRAY) return false;
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
    if (json.next() !== OPEN_OBJECT || !this.object(this.#levels.user)) return false;
    this.from[FIELD.user] = from;
    this.to[FIELD.user] = json.at;
    return true;
  }

  /** What is not as it always is, is JSON all the same, or the line is none. */
  #extra(): boolean {
    const from = this.json.at;
    return (this.json.next() === OPEN_OBJECT && this.object(this.#levels.extra)) || this.#leaveUser(from);
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
