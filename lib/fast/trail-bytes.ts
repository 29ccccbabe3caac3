import { FieldBytes } from './field-bytes.ts';
import type { Level } from './field-levels.ts';
import { OPEN_OBJECT } from './json-bytes.ts';
import { TRAIL, TRAIL_FIELDS, TRAIL_TEXTS, trailLevels } from './trail-fields.ts';

/** Of numbers, what `store` writes of a record. */
export const TRAIL_NUMBERS = 2 * TRAIL_FIELDS + 1;
/** Of a text's `Escapes`. */
const ESCAPE_BITS = 2;

/**
 * Where a CloudTrail record has what it tells of grants and their callers. It says no to a record in which a field comes
 * twice, or whose keys have escapes.
 */
export class TrailBytes extends FieldBytes {
  /** A bit for each field that came by. */
  #seen = 0;
  readonly #levels = trailLevels();

  constructor() {
    super(TRAIL_FIELDS);
  }

  /** Reads the record that begins where `json` stands; whether it is one, which then ends there. */
  read(): boolean {
    this.from.fill(0);
    this.to.fill(0);
    this.#seen = 0;
    if (this.json.next() !== OPEN_OBJECT || !this.object(this.#levels.record)) return false;
    return this.isFilled(TRAIL.eventName) && this.isThere(TRAIL.eventSource);
  }

  /** Of an object whether there is one, of a text whether it says anything: all that `filledTextAt` tells. */
  has(field: number): boolean {
    return field < TRAIL_TEXTS ? this.isFilled(field) : this.isThere(field);
  }

  /** Writes down where everything stands. */
  store(numbers: Int32Array, at: number): void {
    let escapes = 0;
    for (let field = 0; field < TRAIL_FIELDS; field += 1) {
      numbers[at + field] = this.from[field] ?? 0;
      numbers[at + TRAIL_FIELDS + field] = this.to[field] ?? 0;
      if (field < TRAIL_TEXTS && this.isThere(field)) escapes |= this.escapesOf(field) << (field * ESCAPE_BITS);
    }
    numbers[at + TRAIL_NUMBERS - 1] = escapes;
  }

  /** Is as it was when that was stored. */
  load(bytes: Uint8Array, numbers: Int32Array, at: number): void {
    this.json.bytes = bytes;
    const escapes = numbers[at + TRAIL_NUMBERS - 1] ?? 0;
    for (let field = 0; field < TRAIL_FIELDS; field += 1) {
      this.from[field] = numbers[at + field] ?? 0;
      this.to[field] = numbers[at + TRAIL_FIELDS + field] ?? 0;
      if (field < TRAIL_TEXTS) this.escapes[field] = (escapes >> (field * ESCAPE_BITS)) & (2 ** ESCAPE_BITS - 1);
    }
  }

  protected override value(field: number): boolean {
    const bit = 1 << field;
    if ((this.#seen & bit) !== 0 && field !== TRAIL.odd) return false;
    this.#seen |= bit;
    if (field < TRAIL_TEXTS) return this.text(field);
    switch (field) {
      case TRAIL.request:
        return this.#within(field, this.#levels.request);
      case TRAIL.response:
        return this.#within(field, this.#levels.response);
      case TRAIL.credentials:
        return this.#within(field, this.#levels.credentials);
      case TRAIL.assumed:
        return this.#within(field, this.#levels.assumed);
      case TRAIL.identity:
        return this.json.next() === OPEN_OBJECT && this.#skipped(field);
      default:
        return this.#skipped(field);
    }
  }

  #within(field: number, level: Level): boolean {
    const { json } = this;
    const from = json.at;
    if (json.next() !== OPEN_OBJECT) return json.skip();
    if (!this.object(level)) return false;
    this.#mark(field, from);
    return true;
  }

  #skipped(field: number): boolean {
    const from = this.json.at;
    if (!this.json.skip()) return false;
    this.#mark(field, from);
    return true;
  }

  #mark(field: number, from: number): void {
    this.from[field] = from;
    this.to[field] = this.json.at;
  }
}
