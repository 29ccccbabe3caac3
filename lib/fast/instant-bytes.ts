import { DAY, HOUR, MINUTE, parseInstant, SECOND } from '../time.ts';
import type { FieldBytes } from './field-bytes.ts';
import { decoded } from './utf-8.ts';

const TEN = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];
const DATE = 10;

/** Reads times where they stand, as `parseInstant` does. Those of a log lie on few days: the last day is remembered. */
export class InstantBytes {
  readonly #date = new Uint8Array(DATE);
  #midnight = Number.NaN;

  /** In milliseconds since the epoch; NaN where there is none, or none that can be read. */
  read(event: FieldBytes, field: number): number {
    if (!event.isFilled(field)) return Number.NaN;
    const { bytes } = event.json;
    const [from, to] = [event.from[field] ?? 0, event.to[field] ?? 0];
    if (event.escapesOf(field) === 0) return this.of(bytes, from + 1, to - 1);
    const text: unknown = JSON.parse(decoded(bytes, from, to));
    return (typeof text === 'string' ? parseInstant(text) : undefined) ?? Number.NaN;
  }

  /** The same, of a text without escapes, between its quotation marks. */
  of(bytes: Uint8Array, from: number, to: number): number {
    const plain = this.#isOfLastDay(bytes, from) ? this.#plain(bytes, from, to - 1) : Number.NaN;
    return Number.isNaN(plain) ? this.#any(bytes, from, to) : plain;
  }

  #isOfLastDay(bytes: Uint8Array, from: number): boolean {
    for (let at = 0; at < DATE; at += 1) if (bytes[from + at] !== this.#date[at]) return false;
    return true;
  }

  /** `T08:00:00.123456Z` behind the date, the `Z` standing at `end`. */
  #plain(bytes: Uint8Array, from: number, end: number): number {
    const length = end - from;
    if (length < 19 || length > 29 || bytes[from + 10] !== 0x54 || bytes[end] !== 0x5a) return Number.NaN;
    if (bytes[from + 13] !== 0x3a || bytes[from + 16] !== 0x3a) return Number.NaN;
    const hour = digits(bytes, from + 11, from + 13);
    const minute = digits(bytes, from + 14, from + 16);
    const second = digits(bytes, from + 17, from + 19);
    if (!(hour <= 23 && minute <= 59 && second <= 60)) return Number.NaN;
    const whole = this.#midnight + hour * HOUR + minute * MINUTE + second * SECOND;
    if (length === 19) return whole;
    if (bytes[from + 19] !== 0x2e || length === 20) return Number.NaN;
    return whole + (digits(bytes, from + 20, end) / (TEN[length - 20] ?? Number.NaN)) * SECOND;
  }

  #any(bytes: Uint8Array, from: number, to: number): number {
    const text = decoded(bytes, from, to);
    const at = parseInstant(text);
    if (at === undefined) return Number.NaN;
    if (/^\d{4}-\d\d-\d\dT.*Z$/.test(text)) this.#remember(bytes, from, at);
    return at;
  }

  /** A leap second belongs to the day after: only a time that lies on its own date tells when that began. */
  #remember(bytes: Uint8Array, from: number, at: number): void {
    const midnight = Math.floor(at / DAY) * DAY;
    const date = new Date(midnight).toISOString();
    for (let index = 0; index < DATE; index += 1) if (bytes[from + index] !== date.charCodeAt(index)) return;
    for (let index = 0; index < DATE; index += 1) this.#date[index] = bytes[from + index] ?? 0;
    this.#midnight = midnight;
  }
}

/** The number that the digits make; NaN where one is none. */
function digits(bytes: Uint8Array, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}
