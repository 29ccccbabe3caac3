import { isUtf8 } from 'node:buffer';
import type { RejectReason } from '../../envelopes/reject.ts';
import { parseJson } from '../../json.ts';
import { HeldBytes } from './held-bytes.ts';
import { InsightsCsv, isCsvHeader } from './insights-csv.ts';
import { JsonDocument } from './json-document.ts';
import type { ElementArray } from './json-elements.ts';
import { JsonExtent } from './json-extent.ts';
import { LONGEST_VALUE, sampleOfBytes } from './limits.ts';

/** What a file's bytes fall into. `place` is in words: `line 3`. */
export interface FramingSink {
  value(value: unknown, place: () => string): void;
  /** An element of a document that is too long to be held, or damaged; `place` is the document's. */
  element(value: unknown, array: ElementArray, place: () => string): void;
  /**
   * Text that is no JSON: an export's `<time> <message>`, or nothing that we read. `isLine` is false where blanks or
   * anything else stand before it on its line, which then begins no message of an export.
   */
  text(text: string, place: () => string, isLine: boolean): void;
  /** A row of a Logs Insights CSV, by its header. */
  row(row: { readonly [column: string]: string }, place: () => string): void;
  reject(reason: RejectReason, place: () => string, sample: string): void;
}

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/**
 * Cuts a file's bytes into JSON values, rows and lines, by what it finds: JSON lines, a JSON document over many lines
 * or too long to be held, a CSV, or text. Whatever it can't read it sets aside and goes on behind it. How the bytes are
 * cut into chunks makes no difference, and a chunk may be used again once it was pushed.
 */
export class Framing {
  readonly #sink: FramingSink;
  readonly #held = new HeldBytes();
  /** The current line's number. */
  #line = 1;
  #skipsLine = false;
  #document: JsonDocument | undefined;
  /** Of a document over many lines: its last byte was a line break. */
  #isAtLineStart = false;
  /** The line is too long to be held; a document on it ends with it at the latest. */
  #isOnLongLine = false;
  /** A document ended on the current line: what is left of it is no line. */
  #isBehindDocument = false;
  #csv: InsightsCsv | undefined;
  #sawText = false;
  #indent = 0;
  /** Lines that are indented further are what a damaged document left. */
  #skipsDeeperThan: number | undefined;

  constructor(sink: FramingSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = rest.subarray(this.#step(rest));
  }

  /** The file's last bytes were pushed: what is held is all there will be. */
  end(): void {
    const document = this.#document;
    if (this.#held.length > 0) {
      this.#held.take((bytes) => (document === undefined ? this.#readLine(bytes) : document.push(bytes)));
    }
    this.#document?.cut();
    this.#csv?.end();
  }

  /** Reads one line, or as much of a document as there is; answers with how many bytes that took. */
  #step(bytes: Buffer): number {
    if (this.#skipsLine) return this.#skipLine(bytes);
    if (this.#document !== undefined) return this.#readDocument(this.#document, bytes);
    if (this.#isOnLongLine) return this.#readBetween(bytes);
    const room = bytes.subarray(0, LONGEST_VALUE + 1 - this.#held.length);
    const newline = room.indexOf(NEWLINE);
    if (newline < 0) return this.#hold(room);
    const line = room.subarray(0, newline);
    if (this.#held.length === 0) this.#readLine(line);
    else {
      this.#held.add(line);
      this.#held.take((bytes) => this.#readLine(bytes));
    }
    if (this.#document !== undefined) return newline;
    this.#endLine();
    return newline + 1;
  }

  #skipLine(bytes: Buffer): number {
    const newline = bytes.indexOf(NEWLINE);
    if (newline < 0) return bytes.length;
    this.#skipsLine = false;
    this.#endLine();
    return newline + 1;
  }

  #endLine(): void {
    this.#line += 1;
    this.#isBehindDocument = false;
  }

  #hold(bytes: Buffer): number {
    this.#held.add(bytes);
    if (this.#held.length > LONGEST_VALUE) this.#held.take((all) => this.#readLongLine(all));
    return bytes.length;
  }

  #place(): () => string {
    const line = this.#line;
    return () => `line ${line}`;
  }

  #reject(reason: RejectReason, bytes: Buffer): void {
    this.#sink.reject(reason, this.#place(), sampleOfBytes(bytes));
  }

  #readLine(whole: Buffer): void {
    const bytes = this.#withoutMark(whole);
    if (this.#isRemains(bytes)) return;
    if (!isUtf8(bytes)) return this.#readDamagedLine(bytes);
    const line = bytes.toString('utf8');
    if (this.#csv !== undefined) return this.#csv.line(line, this.#place());
    const text = line.charCodeAt(0) === 0 ? withoutNuls(line) : line.trim();
    if (text === '') return;
    const isFirst = !this.#sawText;
    this.#sawText = true;
    if (isFirst && isCsvHeader(text)) this.#csv = new InsightsCsv(text, this.#sink);
    else if (!text.startsWith('{') && !text.startsWith('[')) this.#readText(text);
    else this.#readJsonLine(text);
  }

  #readText(text: string): void {
    this.#sink.text(text, this.#place(), this.#indent === 0 && !this.#isBehindDocument);
  }

  #isRemains(bytes: Buffer): boolean {
    this.#indent = blanksIn(bytes);
    if (this.#skipsDeeperThan === undefined || this.#indent === bytes.length) return false;
    if (this.#indent > this.#skipsDeeperThan) return true;
    this.#skipsDeeperThan = undefined;
    return false;
  }

  /** Not all of the line is UTF-8: each value, or element of a document, for which that holds is set aside alone. */
  #readDamagedLine(bytes: Buffer): void {
    const line = bytes.subarray(blanksIn(bytes));
    if (this.#csv !== undefined || !OPENING.has(line[0] ?? 0)) return this.#reject('invalid-utf-8', bytes);
    this.#sawText = true;
    this.#readOddLine(line);
  }

  #withoutMark(line: Buffer): Buffer {
    const isMarked = this.#line === 1 && line.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    return isMarked ? line.subarray(BYTE_ORDER_MARK.length) : line;
  }

  #readJsonLine(text: string): void {
    const parsed = parseJson(text);
    if (parsed.ok) this.#sink.value(parsed.value, this.#place());
    else this.#readOddLine(Buffer.from(text));
  }

  /** Several values, one behind the other, as Firehose writes them; or the beginning of a document; or a line that was cut. */
  #readOddLine(line: Buffer): void {
    let rest: Buffer | undefined = line;
    while (rest !== undefined && rest.length > 0) rest = this.#readValue(rest);
  }

  /** Reads the value with which the bytes begin; answers with what stands behind it on the line, if that can be read. */
  #readValue(bytes: Buffer): Buffer | undefined {
    if (!OPENING.has(bytes[0] ?? 0)) return void this.#readTextBehind(bytes);
    const extent = new JsonExtent();
    const length = extent.push(bytes);
    const value = bytes.subarray(0, length);
    const parsed = length !== undefined && isUtf8(value) ? parseJson(value.toString('utf8')) : undefined;
    if (!parsed?.ok) return this.#readDamaged(bytes, length, extent.depth);
    const rest = bytes.subarray(value.length + blanksIn(bytes.subarray(value.length)));
    if (goesOn(rest)) return void this.#reject('invalid-json', bytes);
    this.#sink.value(parsed.value, this.#place());
    return rest;
  }

  /** What stands behind a value and is none: it may be anybody's text, so nothing in it is taken for a value. */
  #readTextBehind(bytes: Buffer): void {
    if (isUtf8(bytes)) this.#sink.text(bytes.toString('utf8'), this.#place(), false);
    else this.#reject('invalid-utf-8', bytes);
  }

  /**
   * Behind a damaged value we may stand within a text of its body, which whoever called wrote. Nothing that they write
   * is a tab, since JSON has none within texts, or a value that another one follows at once, since quotes in texts are
   * escaped: only there it goes on.
   */
  #readDamaged(bytes: Buffer, length: number | undefined, depth: number): Buffer | undefined {
    const tab = bytes.indexOf(TAB_AND_VALUE);
    if (tab > 1 && tab === bytes.indexOf(TAB)) {
      this.#rejectDamaged(bytes.subarray(0, tab));
      return bytes.subarray(tab + 1);
    }
    if (length === undefined) return void this.#beginDocument(bytes, depth);
    const next = OPENING.has(bytes[length] ?? 0) ? bytes.subarray(length) : undefined;
    if (bytes.subarray(1, length).includes('{')) {
      new JsonDocument(this.#sink, this.#line).push(bytes.subarray(0, length));
    } else this.#rejectDamaged(bytes.subarray(0, next === undefined ? bytes.length : length));
    return next;
  }

  #rejectDamaged(bytes: Buffer): void {
    this.#reject(isUtf8(bytes) ? 'invalid-json' : 'invalid-utf-8', bytes);
  }

  #beginDocument(bytes: Buffer, depth: number): void {
    if (depth > MOST_OPEN || !beginsDocument(bytes.toString('utf8'))) return this.#reject('invalid-json', bytes);
    this.#document = new JsonDocument(this.#sink, this.#line, this.#indent);
    this.#document.push(bytes);
    this.#isAtLineStart = false;
  }

  /** A line that is longer than any entry: values or a large document on one line, or nothing that we read. */
  #readLongLine(whole: Buffer): void {
    const bytes = this.#withoutMark(whole);
    this.#sawText = true;
    if (this.#csv === undefined && !this.#isRemains(bytes) && OPENING.has(bytes[this.#indent] ?? 0)) {
      this.#isOnLongLine = true;
      return this.push(bytes);
    }
    this.#reject('too-long', bytes);
    this.#skipsLine = true;
  }

  /** What stands between the values of a long line. */
  #readBetween(bytes: Buffer): number {
    const blanks = blanksIn(bytes);
    const next = bytes[blanks];
    if (next === undefined) return blanks;
    if (OPENING.has(next)) {
      this.#document = new JsonDocument(this.#sink, this.#line);
      return blanks;
    }
    this.#isOnLongLine = false;
    if (next !== NEWLINE) this.#reject('not-json', bytes.subarray(blanks));
    this.#skipsLine = true;
    return blanks;
  }

  #readDocument(document: JsonDocument, bytes: Buffer): number {
    if (!this.#isOnLongLine) return this.#readLinesOf(document, bytes);
    const newline = bytes.indexOf(NEWLINE);
    const taken = document.push(newline < 0 ? bytes : bytes.subarray(0, newline));
    if (!document.ended && newline >= 0) document.cut();
    if (document.ended) this.#document = undefined;
    return taken;
  }

  #leave(document: JsonDocument): void {
    this.#document = undefined;
    this.#isBehindDocument = !this.#isAtLineStart;
    this.#skipsDeeperThan = document.remainsDeeperThan;
    this.#skipsLine = this.#skipsDeeperThan !== undefined && !this.#isAtLineStart;
  }

  /** A document that was never closed ends before a line that begins with a time, as an export's lines do. */
  #readLinesOf(document: JsonDocument, bytes: Buffer): number {
    const before = this.#held.length;
    const all = before === 0 ? bytes : this.#held.followedBy(bytes);
    const { start, isWhole } = timeIn(all, this.#isAtLineStart);
    if (start === 0 && isWhole) {
      document.cut();
      this.#document = undefined; // a line that begins with a time is no part of it
      this.#isBehindDocument = false;
      return 0;
    }
    if (start === 0) return this.#hold(bytes);
    this.#held.clear();
    const taken = document.push(all.subarray(0, start));
    this.#line += linesIn(all.subarray(0, taken));
    if (taken > 0) this.#isAtLineStart = all[taken - 1] === NEWLINE;
    if (document.ended) this.#leave(document);
    return taken - before;
  }
}

const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const COMMA = 0x2c;
const CLOSE_ARRAY = 0x5d;
/** NUL too: what a log's writer leaves where the file was made shorter under it. */
const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d, 0x00]);

function blanksIn(bytes: Buffer): number {
  let blanks = 0;
  while (BLANK.has(bytes[blanks] ?? NEWLINE)) blanks += 1;
  return blanks;
}

/** A line that holds anything besides NULs begins behind them. */
function withoutNuls(line: string): string {
  let start = 0;
  while (line.charCodeAt(start) === 0) start += 1;
  return line.slice(start).trim() || line;
}

const TAB = 0x09;
const TAB_AND_VALUE = '\t{';
/** What stands between the parts of one JSON value. */
const WITHIN_VALUE: ReadonlySet<number> = new Set(Buffer.from(',:"}]'));

/** Whether what stands behind a value shows that it is part of another, whose beginning is lost. */
function goesOn(rest: Buffer): boolean {
  const isLast = blanksIn(rest.subarray(1)) + 1 === rest.length;
  const mayEnd = isLast && (rest[0] === COMMA || rest[0] === CLOSE_ARRAY);
  return WITHIN_VALUE.has(rest[0] ?? 0) && !mayEnd;
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

const TIME = '0000-00-00T';

/**
 * Where the first line begins that starts with a time, which no JSON does; `isWhole` is false where the bytes end
 * before that is certain. The bytes' length where there is none.
 */
function timeIn(bytes: Buffer, isAtLineStart: boolean): { readonly start: number; readonly isWhole: boolean } {
  let start = isAtLineStart ? 0 : bytes.indexOf(NEWLINE) + 1;
  while (isAtLineStart || start > 0) {
    const length = timeLength(bytes, start);
    if (length === TIME.length) return { start, isWhole: true };
    if (start + length === bytes.length) return { start, isWhole: false };
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline < 0) break;
    start = newline + 1;
  }
  return { start: bytes.length, isWhole: false };
}

/** How many bytes from `start` on are those of a time. */
function timeLength(bytes: Buffer, start: number): number {
  for (let at = 0; at < TIME.length; at += 1) {
    const byte = bytes[start + at] ?? 0;
    const isDigit = byte >= 0x30 && byte <= 0x39;
    if (TIME[at] === '0' ? !isDigit : byte !== TIME.charCodeAt(at)) return at;
  }
  return TIME.length;
}

const ENVELOPE_START = /^\{.{0,300}"(?:Records|Events|events|items|results|logEvents)"\s*:\s*\[/s;

/** A document's first line leaves a few brackets open; more are not meant to be closed. */
const MOST_OPEN = 8;

/** Whether an incomplete line is the beginning of a document over many lines, rather than a line that was cut. */
function beginsDocument(line: string): boolean {
  if (line.startsWith('[') || ENVELOPE_START.test(line)) return true;
  return line.length < 200 && /[[{,]$/.test(line);
}
