import { isUtf8 } from 'node:buffer';
import { parseJson } from '../../json.ts';
import type { FramingSink } from './framing.ts';
import { type ElementArray, JsonElements } from './json-elements.ts';
import { JsonExtent } from './json-extent.ts';
import { LONGEST_VALUE, sampleOfBytes } from './limits.ts';

/**
 * One JSON value that goes on behind its first line, or is too long to be held. What can be held is parsed as a whole;
 * of what is longer, or damaged, each element of its array is read by itself.
 */
export class JsonDocument {
  readonly #sink: FramingSink;
  readonly #line: number;
  readonly #extent = new JsonExtent();
  #held: Buffer[] = [];
  #heldLength = 0;
  #elements: JsonElements | undefined;
  #head = '';
  #ended = false;

  /** `line` is the one on which the document begins. */
  constructor(sink: FramingSink, line: number) {
    this.#sink = sink;
    this.#line = line;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Reads on; answers with how many of the bytes belong to the document, fewer than given where it ended. */
  push(bytes: Buffer): number {
    let taken = 0;
    while (taken < bytes.length && !this.#ended) {
      const rest = bytes.subarray(taken);
      taken += this.#elements === undefined ? this.#hold(rest) : this.#pass(rest, this.#elements);
    }
    return taken;
  }

  /** No more bytes will come, though the last bracket has not been seen. */
  cut(): void {
    this.#ended = true;
    const elements = this.#elements;
    elements?.cut();
    if (elements === undefined) this.#readHeld(this.#takeHeld());
    else if (elements.elements === 0) this.#sink.reject('too-long', this.#place, this.#head);
    else this.#sink.reject('cut-file', () => `line ${this.#line}, after ${elements.elements} elements`, this.#head);
  }

  #hold(bytes: Buffer): number {
    const room = bytes.subarray(0, LONGEST_VALUE + 1 - this.#heldLength);
    const length = this.#extent.push(room);
    const own = room.subarray(0, length);
    this.#held.push(Buffer.from(own));
    this.#heldLength += own.length;
    this.#ended = length !== undefined;
    if (this.#heldLength > LONGEST_VALUE) this.#beginElements(this.#takeHeld());
    else if (this.#ended) this.#readHeld(this.#takeHeld());
    return own.length;
  }

  #takeHeld(): Buffer {
    const all = Buffer.concat(this.#held);
    this.#held = [];
    return all;
  }

  #beginElements(bytes: Buffer): void {
    this.#head = sampleOfBytes(bytes);
    this.#elements = this.#readElements();
    this.#pass(bytes, this.#elements);
  }

  #pass(bytes: Buffer, elements: JsonElements): number {
    const taken = elements.push(bytes);
    this.#ended = elements.ended;
    if (this.#ended && elements.elements === 0) this.#sink.reject('too-long', this.#place, this.#head);
    return taken;
  }

  readonly #place = (): string => `line ${this.#line}`;

  #placeIn({ key, index }: ElementArray): () => string {
    return () => `line ${this.#line}, ${key}[${index}]`;
  }

  #readElements(): JsonElements {
    return new JsonElements(
      {
        element: (text, array) => this.#element(text, array),
        tooLong: (array, head) => this.#sink.reject('too-long', this.#placeIn(array), sampleOfBytes(head)),
      },
      LONGEST_VALUE,
    );
  }

  #element(text: Buffer, array: ElementArray): void {
    const place = this.#placeIn(array);
    if (!isUtf8(text)) return this.#sink.reject('invalid-utf-8', place, sampleOfBytes(text));
    const parsed = parseJson(text.toString('utf8'));
    if (parsed.ok) this.#sink.element(parsed.value, array, this.#place);
    else this.#sink.reject('invalid-json', place, sampleOfBytes(text));
  }

  /** All of the document was held: it is one value, or it is damaged. */
  #readHeld(bytes: Buffer): void {
    const isText = isUtf8(bytes);
    const parsed = isText ? parseJson(bytes.toString('utf8')) : undefined;
    if (parsed?.ok) return this.#sink.value(parsed.value, this.#place);
    const elements = this.#readElements();
    elements.push(bytes);
    if (!elements.ended) {
      elements.cut();
      this.#sink.reject('cut-file', this.#place, sampleOfBytes(bytes));
    } else if (elements.elements === 0) {
      this.#sink.reject(isText ? 'invalid-json' : 'invalid-utf-8', this.#place, sampleOfBytes(bytes));
    }
  }
}
