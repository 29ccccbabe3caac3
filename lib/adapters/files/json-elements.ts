import { parseJson } from '../../json.ts';
import { Effort } from './effort.ts';

/** Receives the elements of a JSON document. */
export interface ElementSink {
  /**
   * Receives the text of one element.
   * @param array has the key of its array (`''` at the top level), the element's index, and the scalar fields before
   * it.
   */
  element(text: Buffer, array: ElementArray): void;
  tooLong(array: ElementArray, head: Buffer): void;
}

export interface ElementArray {
  readonly key: string;
  readonly index: number;
  readonly header: ReadonlyMap<string, string>;
  /** The indentation of the element. -1 if other text comes before it on its line. */
  readonly indent: number;
}

const ARRAY_KEYS: ReadonlySet<string> = new Set(['Records', 'Events', 'events', 'items', 'results', 'logEvents']);
const HEADER_LIMIT = 1_024;
const HEAD_LIMIT = 4_096;
/** Limits the scalar fields that are kept. Each element has all of them. */
const MOST_HEADERS = 32;
/**
 * Limits the bytes outside of the array. Envelopes have little else, but pages of events can have a list of their
 * streams.
 */
const GAP_LIMIT = 1024 * 1024;

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
const OPEN_ARRAY = 0x5b;
const NOTHING = Buffer.alloc(0);
const WHITE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Reads the elements of a JSON array one at a time, because the document can be too large for the memory. The array is
 * at the top level, or under a key of an envelope (`{"Records":[…]}`). It scans the bytes, because a parser would hold
 * them all.
 */
export class JsonElements {
  readonly #sink: ElementSink;
  readonly #longest: number;
  readonly #effort: Effort;
  readonly #header = new Map<string, string>();
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The depth of the elements of the current array. 0 while no array is open. */
  #elementDepth = 0;
  #key = '';
  #index = 0;
  #piece: Buffer[] = [];
  #pieceLength = 0;
  #pieceStarted = false;
  #elements = 0;
  #ended = false;
  /** The number of blanks since the start of the line. -1 after anything else. */
  #blanks = -1;
  #pieceIndent = -1;
  /** Whether a text of the piece was not closed on its line. */
  #textWasCut = false;
  /** The bytes before the array or between two arrays. `#gapFrom` is where they begin in the current chunk. */
  #gap: Buffer[] = [];
  #gapLength = 0;
  #gapFrom = 0;
  #arrays = 0;
  /** Whether the bytes before an array were no JSON. No later byte can change that. */
  #isUnsound = false;

  constructor(sink: ElementSink, longest: number, effort = new Effort()) {
    this.#sink = sink;
    this.#longest = longest;
    this.#effort = effort;
  }

  /** Whether the document's last bracket was closed. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The number of elements so far. */
  get elements(): number {
    return this.#elements;
  }

  /** The number of bytes of the incomplete element. */
  get unfinished(): number {
    return this.#pieceStarted ? this.#pieceLength : 0;
  }

  /** Reads more bytes. Returns how many of them belong to the document. If it ended, these are not all. */
  push(bytes: Buffer): number {
    const taken = this.#read(bytes);
    this.#effort.spend(taken);
    return taken;
  }

  #read(bytes: Buffer): number {
    let start = 0;
    this.#gapFrom = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.#inString && this.#isOfText(byte)) continue;
      start = this.#readStructure(byte, bytes, start, at);
      if (this.#ended) return at + 1;
    }
    if (this.#pieceStarted) this.#keep(bytes.subarray(start));
    if (this.#elementDepth === 0) this.#holdGap(bytes, bytes.length);
    return bytes.length;
  }

  /** Reads a byte within a text. Returns false for a line break. JSON texts have none, so the text was not closed. */
  #isOfText(byte: number): boolean {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
    if (byte !== NEWLINE) return true;
    this.#inString = false;
    this.#textWasCut = true;
    return false;
  }

  /** Reads a byte outside of texts. Returns where the current piece begins. */
  #readStructure(byte: number, bytes: Buffer, start: number, at: number): number {
    if (this.#textWasCut && OPEN.has(byte) && this.#isNextElement()) {
      this.#emit(bytes, start, at);
      this.#depth = this.#elementDepth;
    }
    this.#countBlanks(byte);
    if (byte === QUOTE) {
      this.#inString = true;
      return this.#pieceStarted ? start : this.#startPiece(at);
    }
    if (OPEN.has(byte)) return this.#open(bytes, start, at);
    if (CLOSE.has(byte)) return this.#close(bytes, start, at);
    if (byte === COMMA || byte === COLON) return this.#separate(byte, bytes, start, at);
    return this.#pieceStarted || WHITE.has(byte) ? start : this.#startPiece(at);
  }

  #holdGap(bytes: Buffer, end: number): void {
    if (this.#isUnsound) return;
    this.#effort.spend(end - this.#gapFrom);
    this.#gapLength += end - this.#gapFrom;
    if (this.#gapLength <= GAP_LIMIT) this.#gap.push(Buffer.from(bytes.subarray(this.#gapFrom, end)));
    else this.#gap = [];
  }

  /**
   * Returns whether the next element begins here. After a text that was not closed, brackets do not show that. The
   * indentation of the last element does.
   */
  #isNextElement(): boolean {
    return this.#elementDepth > 0 && this.#pieceStarted && this.#blanks >= 0 && this.#blanks === this.#pieceIndent;
  }

  /**
   * Ends the document because no more bytes follow. If it was cut directly after a complete element, that element
   * counts.
   */
  cut(): void {
    if (this.#elementDepth === 0 || this.#depth !== this.#elementDepth || this.#pieceLength > this.#longest) return;
    const last = Buffer.concat(this.#piece);
    if (CLOSE.has(last.toString('latin1').trimEnd().at(-1)?.charCodeAt(0) ?? 0)) this.#emit(NOTHING, 0, 0);
  }

  #countBlanks(byte: number): void {
    if (byte === NEWLINE) this.#blanks = 0;
    else if (!WHITE.has(byte)) {
      if (!this.#pieceStarted) this.#pieceIndent = this.#blanks;
      this.#blanks = -1;
    } else if (this.#blanks >= 0) this.#blanks += 1;
  }

  #startPiece(at: number): number {
    this.#pieceStarted = true;
    return at;
  }

  #open(bytes: Buffer, start: number, at: number): number {
    const byte = bytes[at];
    this.#depth += 1;
    const isEnvelopeArray = this.#depth === 2 && byte === OPEN_ARRAY && ARRAY_KEYS.has(this.#key);
    const isArray = this.#elementDepth === 0 && (isEnvelopeArray || (this.#depth === 1 && byte === OPEN_ARRAY));
    if (isArray && this.#isSound(bytes, at + 1)) {
      this.#elementDepth = this.#depth;
      this.#gap = [];
      this.#gapLength = 0;
      this.#arrays += 1;
      this.#index = 0;
      this.#dropPiece();
      return at + 1;
    }
    if (this.#depth === 1) {
      this.#dropPiece();
      return at + 1;
    }
    return this.#pieceStarted ? start : this.#startPiece(at);
  }

  /**
   * Returns whether everything before the array is JSON. Otherwise the position may be within a text, and the array may
   * be written by the caller.
   */
  #isSound(bytes: Buffer, end: number): boolean {
    this.#holdGap(bytes, end);
    this.#gapFrom = end;
    if (this.#isUnsound) return false;
    this.#isUnsound = this.#gapLength > GAP_LIMIT || !this.#isJsonSoFar();
    if (this.#isUnsound) this.#gap = [];
    return !this.#isUnsound;
  }

  #isJsonSoFar(): boolean {
    this.#effort.spend(this.#gapLength);
    const text = Buffer.concat(this.#gap).toString('utf8');
    return parseJson(`${this.#arrays === 0 ? '' : '{"":[]'}${text}]${this.#depth === 1 ? '' : '}'}`).ok;
  }

  #close(bytes: Buffer, start: number, at: number): number {
    this.#depth -= 1;
    if (this.#elementDepth > 0 && this.#depth === this.#elementDepth - 1) {
      this.#emit(bytes, start, at);
      this.#elementDepth = 0;
      this.#gapFrom = at + 1;
      this.#key = '';
    } else if (this.#depth === 0) {
      this.#endHeaderValue(bytes, start, at);
    }
    if (this.#depth <= 0) this.#ended = true;
    return this.#pieceStarted ? start : at + 1;
  }

  #separate(byte: number, bytes: Buffer, start: number, at: number): number {
    if (this.#elementDepth > 0) {
      if (byte !== COMMA || this.#depth !== this.#elementDepth) return start;
      this.#emit(bytes, start, at);
      return at + 1;
    }
    if (this.#depth !== 1) return start;
    if (byte === COLON) {
      this.#key = unquote(this.#take(bytes, start, at)) ?? '';
      return at + 1;
    }
    this.#endHeaderValue(bytes, start, at);
    return at + 1;
  }

  #endHeaderValue(bytes: Buffer, start: number, at: number): void {
    if (!this.#pieceStarted) return;
    const value = unquote(this.#take(bytes, start, at));
    const isNamed = value !== undefined && this.#key !== '';
    if (isNamed && this.#header.size < MOST_HEADERS) this.#header.set(this.#key, value);
    this.#key = '';
  }

  #emit(bytes: Buffer, start: number, at: number): void {
    if (!this.#pieceStarted) return;
    const array = { key: this.#key, index: this.#index, header: this.#header, indent: this.#pieceIndent };
    const length = this.#pieceLength + at - start;
    const text = this.#take(bytes, start, at);
    this.#index += 1;
    this.#elements += 1;
    this.#textWasCut = false;
    if (length > this.#longest) this.#sink.tooLong(array, text.subarray(0, HEAD_LIMIT));
    else this.#sink.element(text, array);
  }

  #take(bytes: Buffer, start: number, at: number): Buffer {
    if (!this.#pieceStarted) return Buffer.alloc(0);
    this.#effort.spend(this.#piece.length === 0 ? 0 : this.#pieceLength + at - start);
    const last = bytes.subarray(start, at);
    const text = this.#piece.length === 0 ? last : Buffer.concat([...this.#piece, last]);
    this.#dropPiece();
    return text;
  }

  #dropPiece(): void {
    this.#piece = [];
    this.#pieceLength = 0;
    this.#pieceStarted = false;
  }

  /** Keeps an incomplete piece, up to the largest size of an element. */
  #keep(bytes: Buffer): void {
    const room = (this.#elementDepth > 0 ? this.#longest : HEADER_LIMIT) + 1 - this.#pieceLength;
    if (room > 0) this.#piece.push(Buffer.from(bytes.subarray(0, room)));
    this.#pieceLength += bytes.length;
  }
}

/** Returns the content of a short JSON string. Undefined for anything else. */
function unquote(bytes: Buffer): string | undefined {
  if (bytes.length > HEADER_LIMIT || bytes[0] !== QUOTE) return undefined;
  const text = bytes.toString('utf8').trim();
  return text.endsWith('"') && !text.includes('\\') ? text.slice(1, -1) : undefined;
}
