import { isUtf8 } from 'node:buffer';
import { parseJson } from '../../json.ts';
import { isOpening } from './blanks.ts';
import { Effort } from './effort.ts';
import type { FramingSink, Spot } from './framing-sink.ts';
import { HeldBytes } from './held-bytes.ts';
import { type ElementArray, JsonElements } from './json-elements.ts';
import { JsonExtent, wholeJson } from './json-extent.ts';
import { linesIn } from './landmarks.ts';
import { LONGEST_DOCUMENT, LONGEST_VALUE, MOST_VALUES, sampleOfBytes } from './limits.ts';

const COMMA = 0x2c;

/** Where a document begins. */
export interface DocumentStart {
  /** The number of the line. */
  readonly line: number;
  /** The indentation of the document in that line. */
  readonly indent: number;
  /** Whether it may be part of a document whose beginning is missing, as in `Spot`. */
  readonly mayBePart: boolean;
}

/**
 * Reads one JSON value that has several lines or is too long to hold. If it can be held, it is parsed as a whole. If it
 * is longer or damaged, each element of its array is read by itself. A document without such an array is held up to a
 * larger limit.
 */
export class JsonDocument {
  readonly #sink: FramingSink;
  readonly #line: number;
  readonly #effort: Effort;
  readonly #extent: JsonExtent;
  readonly #held = new HeldBytes();
  /** Limits the bytes that are held. */
  #most = LONGEST_VALUE;
  #elements: JsonElements | undefined;
  #head = '';
  #ended = false;
  #damaged = 0;
  /** The indentation of the first element. -1 if other text comes before it on its line. */
  #indent: number | undefined;
  readonly #ownIndent: number;
  readonly #mayBePart: boolean;
  #isComplete = true;

  constructor(sink: FramingSink, { line, indent, mayBePart }: DocumentStart, effort = new Effort()) {
    this.#sink = sink;
    this.#line = line;
    this.#ownIndent = indent;
    this.#mayBePart = mayBePart;
    this.#effort = effort;
    this.#extent = new JsonExtent(effort);
  }

  /**
   * The indentation beyond which lines may belong to a document that was cut or is damaged. They may then be part of a
   * body. Undefined if the whole document was read.
   */
  get remainsDeeperThan(): number | undefined {
    if (this.#isComplete) return undefined;
    return this.#indent === undefined || this.#indent < 0 ? this.#ownIndent : this.#indent;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Reads more bytes. Returns how many of them belong to the document. If it ended, these are not all. */
  push(bytes: Buffer): number {
    let taken = 0;
    while (taken < bytes.length && !this.#ended) {
      const rest = bytes.subarray(taken);
      taken += this.#elements === undefined ? this.#hold(rest) : this.#pass(rest, this.#elements);
    }
    return taken;
  }

  /** Ends the document although its last bracket is missing, because no more bytes follow. */
  cut(): void {
    this.#ended = true;
    this.#isComplete = false;
    if (this.#isGivenUp) return;
    const elements = this.#elements;
    elements?.cut();
    if (elements === undefined) this.#held.take((bytes) => this.#readHeld(bytes));
    else if (elements.elements === 0) this.#sink.reject('too-long', this.#spot(), this.#head);
    else this.#sink.reject('cut-file', this.#spot(`, after ${elements.elements} elements`), this.#head);
  }

  #hold(bytes: Buffer): number {
    const room = bytes.subarray(0, this.#most + 1 - this.#held.length);
    const length = this.#extent.push(room);
    const own = room.subarray(0, length);
    this.#effort.spend(own.length);
    this.#held.add(own);
    this.#ended = length !== undefined;
    if (this.#held.length > this.#most) this.#outgrow();
    else if (this.#ended) this.#held.take((all) => this.#readHeld(all));
    return own.length;
  }

  /** Begins to read the elements one by one. If the document has none, holds more bytes instead. */
  #outgrow(): void {
    if (this.#most < LONGEST_DOCUMENT && !this.#held.look((all) => this.#hasElements(all)))
      this.#most = LONGEST_DOCUMENT;
    else this.#held.take((all) => this.#beginElements(all));
  }

  #hasElements(bytes: Buffer): boolean {
    const found = new JsonElements({ element: () => undefined, tooLong: () => undefined }, LONGEST_VALUE, this.#effort);
    found.push(bytes);
    return found.elements > 0;
  }

  #beginElements(bytes: Buffer): void {
    this.#head = sampleOfBytes(bytes);
    this.#elements = this.#readElements();
    this.#pass(bytes, this.#elements);
  }

  #pass(bytes: Buffer, elements: JsonElements): number {
    const taken = elements.push(bytes);
    this.#ended = elements.ended;
    if (this.#ended && elements.elements === 0) this.#sink.reject('too-long', this.#spot(), this.#head);
    return taken;
  }

  #spot(within = ''): Spot {
    return { place: () => `line ${this.#line}${within}`, mayBePart: this.#mayBePart };
  }

  #readElements(): JsonElements {
    return new JsonElements(
      {
        element: (text, array) => this.#element(text, array),
        tooLong: (array, head) => this.#sink.reject('too-long', this.#spot(within(array)), sampleOfBytes(head)),
      },
      LONGEST_VALUE,
      this.#effort,
    );
  }

  /**
   * Whether reading has stopped after damage. After a damaged element, the position may be within a text of its body,
   * which the caller wrote. Before a part of such a body could pass as an element, reading stops. It stops if a second
   * piece fails, or if the indentation differs from that of the other elements.
   */
  get #isGivenUp(): boolean {
    return this.#damaged > 1;
  }

  #element(text: Buffer, array: ElementArray): void {
    if (this.#isGivenUp) return;
    this.#effort.spend(text.length);
    this.#indent ??= array.indent;
    const isText = isUtf8(text);
    const parsed = isText ? parseJson(text.toString('utf8')) : undefined;
    const isInPlace = this.#damaged === 0 || array.indent === this.#indent;
    if (parsed?.ok && isInPlace) return this.#sink.element(parsed.value, array, this.#spot());
    this.#damaged += 1;
    const isLast = this.#isGivenUp ? ', and all after it' : '';
    const spot = this.#spot(`${within(array)}${isLast}`);
    this.#sink.reject(isText ? 'invalid-json' : 'invalid-utf-8', spot, sampleOfBytes(text));
  }

  /** Reads a document that is held as a whole. It is one value, or else it is damaged. */
  #readHeld(bytes: Buffer): void {
    this.#effort.spend(bytes.length);
    if (bytes.length > LONGEST_VALUE && valuesIn(bytes) > MOST_VALUES)
      return this.#sink.reject('too-long', this.#spot(), sampleOfBytes(bytes));
    const whole = wholeJson(bytes);
    if (whole !== undefined) return this.#sink.value(whole.value, this.#spot());
    this.#isComplete = false;
    const elements = this.#readElements();
    elements.push(bytes);
    if (this.#isGivenUp) return;
    if (!elements.ended) {
      elements.cut();
      this.#sink.reject('cut-file', this.#spot(), sampleOfBytes(bytes));
      if (elements.elements > 0) this.#readLines(bytes, bytes.length - elements.unfinished);
    } else if (elements.elements === 0) {
      this.#sink.reject(isUtf8(bytes) ? 'invalid-json' : 'invalid-utf-8', this.#spot(), sampleOfBytes(bytes));
    }
    if (elements.elements === 0) this.#readLines(bytes, 0);
  }

  /**
   * Reads the lines after a cut line that looked like the first line of a document. It uses the lines that are complete
   * values.
   */
  #readLines(bytes: Buffer, from: number): void {
    const [, ...lines] = bytes.toString('utf8', from).split('\n');
    const first = this.#line + linesIn(bytes.subarray(0, from)) + 1;
    for (const [at, line] of lines.entries()) {
      const parsed = line.startsWith('{') ? parseJson(line) : undefined;
      if (!parsed?.ok) continue;
      this.#sink.value(parsed.value, { place: () => `line ${first + at}`, mayBePart: this.#mayBePart });
    }
  }
}

/** Returns how many values a document can have at most. Commas in its texts count too. */
function valuesIn(bytes: Buffer): number {
  let values = 0;
  for (const byte of bytes) if (byte === COMMA || isOpening(byte)) values += 1;
  return values;
}

function within({ key, index }: ElementArray): string {
  return `, ${key}[${index}]`;
}
