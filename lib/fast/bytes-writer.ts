import type { EventBytes } from './event-bytes.ts';
import { ascii, QUOTE } from './json-bytes.ts';
import { decoded } from './utf-8.ts';

const NULL = ascii('null');
const ENCODER = new TextEncoder();
/** In bytes: what is shorter is copied one by one sooner than a view of it is made. */
const WORTH_A_VIEW = 128;

/** Writes JSON in UTF-8 into memory in which there is room for it. */
export class BytesWriter {
  out: Uint8Array = new Uint8Array();
  at = 0;

  into(out: Uint8Array, at: number): void {
    this.out = out;
    this.at = at;
  }

  byte(byte: number): void {
    this.out[this.at] = byte;
    this.at += 1;
  }

  all(bytes: Uint8Array): void {
    this.range(bytes, 0, bytes.length);
  }

  range(bytes: Uint8Array, from: number, to: number): void {
    const { out } = this;
    const behind = this.at - from;
    if (to - from >= WORTH_A_VIEW) out.set(bytes.subarray(from, to), this.at);
    else for (let at = from; at < to; at += 1) out[behind + at] = bytes[at] ?? 0;
    this.at = behind + to;
  }

  /** What needs no escapes, between quotes. */
  quoted(bytes: Uint8Array, from: number, to: number): void {
    this.byte(QUOTE);
    this.range(bytes, from, to);
    this.byte(QUOTE);
  }

  /** The event's text as `JSON.stringify` writes it. */
  text(event: EventBytes, field: number): void {
    const { bytes } = event.json;
    const [from, to] = [event.from[field] ?? 0, event.to[field] ?? 0];
    if (event.escapesOf(field) < 2) this.range(bytes, from, to);
    else this.all(ENCODER.encode(JSON.stringify(JSON.parse(decoded(bytes, from, to)))));
  }

  /** `null` where there is none, as in an array. */
  filledOrNull(event: EventBytes, field: number): void {
    if (event.isFilled(field)) this.text(event, field);
    else this.all(NULL);
  }

  /** The field, where it is there and not empty. */
  filled(name: Uint8Array, event: EventBytes, field: number): void {
    if (!event.isFilled(field)) return;
    this.all(name);
    this.text(event, field);
  }

  /** The field with its value as it stands, where it is there. */
  asItStands(name: Uint8Array, event: EventBytes, field: number): void {
    if (!event.isThere(field)) return;
    this.all(name);
    this.range(event.json.bytes, event.from[field] ?? 0, event.to[field] ?? 0);
  }
}
