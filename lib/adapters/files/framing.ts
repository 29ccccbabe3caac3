import { isUtf8 } from 'node:buffer';
import type { RejectReason } from '../../envelopes/reject.ts';
import { parseJson } from '../../json.ts';
import { blanksIn, isOpening } from './blanks.ts';
import { CsvRows, isCsvHeader } from './csv-rows.ts';
import { Effort } from './effort.ts';
import type { FramingSink, Spot } from './framing-sink.ts';
import { HeldBytes } from './held-bytes.ts';
import { JsonDocument } from './json-document.ts';
import { beginsWithTime, Landmarks, linesIn, timeIn } from './landmarks.ts';
import { LONGEST_VALUE, sampleOfBytes } from './limits.ts';
import { longRecords } from './long-records.ts';
import { type LineParts, OddLine } from './odd-line.ts';
import { isYamlStart, YamlItems } from './yaml-items.ts';

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/**
 * Splits a file's bytes into JSON values, rows and lines. It recognizes JSON lines, JSON documents of many lines,
 * documents that are too long to hold, CSV, and text. It sets aside what it cannot read, and goes on after it. Chunks
 * can have any size. The memory of a chunk can be used again after `push`.
 */
export class Framing {
  readonly #sink: FramingSink;
  readonly #effort: Effort;
  readonly #held = new HeldBytes();
  /** The number of the current line. */
  #line = 1;
  #skipsLine = false;
  #document: JsonDocument | undefined;
  /** Whether the last byte of a document of many lines was a line break. */
  #isAtLineStart = false;
  /** Whether the line is too long to hold. A document on such a line ends with the line at the latest. */
  #isOnLongLine = false;
  /** Whether a document ended on the current line. The rest of that line is not read as a line. */
  #isAfterDocument = false;
  /** Reads the rows of a CSV or the items of YAML, which have lines of their own kind. */
  #rows: CsvRows | YamlItems | undefined;
  #sawText = false;
  #indent = 0;
  /** The indentation of a damaged document. Lines that are indented further are its rest, and are skipped. */
  #skipsDeeperThan: number | undefined;

  #mayBePart = false;
  #ahead: Landmarks;

  constructor(sink: FramingSink, effort = new Effort()) {
    this.#sink = sink;
    this.#effort = effort;
    this.#ahead = new Landmarks(effort);
  }

  push(chunk: Buffer): void {
    const ahead = this.#ahead;
    this.#ahead = new Landmarks(this.#effort);
    let rest = chunk;
    while (rest.length > 0) rest = rest.subarray(this.#step(rest));
    this.#ahead = ahead; // A long line is pushed while a chunk is being read.
  }

  /** Ends the file. The bytes that are held are its last ones. */
  end(): void {
    const document = this.#document;
    if (this.#held.length > 0) {
      this.#held.take((bytes) => (document === undefined ? this.#readLine(bytes) : document.push(bytes)));
    }
    this.#document?.cut();
    this.#rows?.end();
  }

  /** Reads one line, or as much of a document as there is. Returns how many bytes that took. */
  #step(bytes: Buffer): number {
    if (this.#skipsLine) return this.#skipLine(bytes);
    if (this.#document !== undefined) return this.#readDocument(this.#document, bytes);
    if (this.#isOnLongLine) return this.#readBetween(bytes);
    const most = LONGEST_VALUE + 1 - this.#held.length;
    const room = bytes.length > most ? bytes.subarray(0, most) : bytes;
    const newline = room.indexOf(NEWLINE);
    this.#effort.spend(newline < 0 ? room.length : newline);
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
    const newline = this.#ahead.newline(bytes);
    if (newline === bytes.length) return newline;
    this.#skipsLine = false;
    this.#endLine();
    return newline + 1;
  }

  #endLine(): void {
    this.#line += 1;
    this.#isAfterDocument = false;
  }

  #hold(bytes: Buffer): number {
    this.#effort.spend(bytes.length);
    this.#held.add(bytes);
    if (this.#held.length > LONGEST_VALUE) this.#held.take((all) => this.#readLongLine(all));
    return bytes.length;
  }

  #spot(): Spot {
    const line = this.#line;
    return { place: () => `line ${line}`, mayBePart: this.#mayBePart };
  }

  #reject(reason: RejectReason, bytes: Buffer): void {
    this.#sink.reject(reason, this.#spot(), sampleOfBytes(bytes));
  }

  #readLine(whole: Buffer): void {
    this.#effort.spend(whole.length);
    const bytes = this.#withoutMark(whole);
    if (this.#isRemains(bytes)) return;
    if (!isUtf8(bytes)) return this.#readDamagedLine(bytes);
    const records = this.#rows === undefined ? longRecords(bytes) : undefined;
    if (records !== undefined) return this.#readValue(records);
    const line = bytes.toString();
    if (this.#rows !== undefined) return this.#rows.line(line, this.#spot());
    const text = line.charCodeAt(0) === 0 ? withoutNuls(line) : line.trim();
    if (text === '') return;
    const isFirst = !this.#sawText;
    this.#sawText = true;
    if (isFirst) this.#rows = this.#rowsFrom(line, text);
    if (this.#rows !== undefined) return;
    if (!text.startsWith('{') && !text.startsWith('[')) this.#readText(text);
    else this.#readJsonLine(text);
  }

  /** Returns a reader for the lines of a CSV or of YAML, if the first line begins one. */
  #rowsFrom(line: string, text: string): CsvRows | YamlItems | undefined {
    if (isCsvHeader(text)) return new CsvRows(text, this.#sink, this.#effort);
    return isYamlStart(text) ? new YamlItems(line, this.#spot(), this.#sink, this.#effort) : undefined;
  }

  #readText(text: string): void {
    if (isFragment(text, this.#indent)) this.#mayBePart = true;
    else if (this.#indent === 0) this.#mayBePart = false;
    this.#sink.text(text, this.#spot(), this.#indent === 0 && !this.#isAfterDocument);
  }

  #isRemains(bytes: Buffer): boolean {
    this.#indent = blanksIn(bytes);
    if (this.#skipsDeeperThan === undefined || this.#indent === bytes.length) return false;
    if (this.#indent > this.#skipsDeeperThan) return true;
    this.#skipsDeeperThan = undefined;
    return false;
  }

  /**
   * Reads a line with invalid UTF-8. Sets aside only those values, or elements of a document, that contain the invalid
   * bytes.
   */
  #readDamagedLine(bytes: Buffer): void {
    const line = bytes.subarray(blanksIn(bytes));
    if (this.#rows !== undefined || !isOpening(line[0])) return this.#reject('invalid-utf-8', bytes);
    this.#sawText = true;
    this.#readOddLine(line);
  }

  #withoutMark(line: Buffer): Buffer {
    const isMarked = this.#line === 1 && line.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    return isMarked ? line.subarray(BYTE_ORDER_MARK.length) : line;
  }

  #readJsonLine(text: string): void {
    const parsed = isClosed(text) ? parseJson(text) : undefined;
    if (!parsed?.ok) return this.#readOddLine(Buffer.from(text));
    this.#readValue(parsed.value);
  }

  #readValue(value: unknown): void {
    this.#sawText = true;
    if (this.#indent === 0) this.#mayBePart = false;
    this.#sink.value(value, this.#spot());
  }

  #readOddLine(line: Buffer): void {
    new OddLine(line, this.#parts, this.#effort).read();
  }

  readonly #parts: LineParts = {
    value: (value) => this.#sink.value(value, this.#spot()),
    trailingText: (bytes) => {
      if (isUtf8(bytes)) this.#sink.text(bytes.toString('utf8'), this.#spot(), false);
      else this.#reject('invalid-utf-8', bytes);
    },
    damagedDocument: (bytes) => void this.#newDocument().push(bytes),
    damaged: (bytes) => this.#reject(isUtf8(bytes) ? 'invalid-json' : 'invalid-utf-8', bytes),
    unfinished: (bytes, depth) => this.#beginDocument(bytes, depth),
  };

  #newDocument(indent = 0): JsonDocument {
    return new JsonDocument(this.#sink, { line: this.#line, indent, mayBePart: this.#mayBePart }, this.#effort);
  }

  #beginDocument(bytes: Buffer, depth: number): void {
    if (depth > MOST_OPEN || !beginsDocument(bytes.toString('utf8'))) return this.#reject('invalid-json', bytes);
    if (this.#indent > 0) this.#mayBePart = true; // Whole documents are never indented.
    this.#document = this.#newDocument(this.#indent);
    this.#document.push(bytes);
    this.#isAtLineStart = false;
  }

  /** Reads a line that is longer than any log entry. It has values, a large document, or an unknown format. */
  #readLongLine(whole: Buffer): void {
    const bytes = this.#withoutMark(whole);
    this.#sawText = true;
    if (this.#rows === undefined && !this.#isRemains(bytes) && isOpening(bytes[this.#indent])) {
      this.#isOnLongLine = true;
      return this.push(bytes);
    }
    this.#reject('too-long', bytes);
    this.#skipsLine = true;
  }

  /** Reads the bytes between the values of a long line. */
  #readBetween(bytes: Buffer): number {
    const blanks = blanksIn(bytes);
    const next = bytes[blanks];
    if (next === undefined) return blanks;
    if (isOpening(next)) {
      this.#document = this.#newDocument();
      return blanks;
    }
    this.#isOnLongLine = false;
    if (next !== NEWLINE) this.#reject('not-json', bytes.subarray(blanks));
    this.#skipsLine = true;
    return blanks;
  }

  #readDocument(document: JsonDocument, bytes: Buffer): number {
    if (!this.#isOnLongLine) return this.#readLinesOf(document, bytes);
    const newline = this.#ahead.newline(bytes);
    const taken = document.push(bytes.subarray(0, newline));
    if (!document.ended && newline < bytes.length) document.cut();
    if (document.ended) this.#document = undefined;
    return taken;
  }

  #leave(document: JsonDocument): void {
    this.#document = undefined;
    this.#isAfterDocument = !this.#isAtLineStart;
    this.#skipsDeeperThan = document.remainsDeeperThan;
    this.#skipsLine = this.#skipsDeeperThan !== undefined && !this.#isAtLineStart;
  }

  /**
   * Reads lines of a document. If a line begins with a time, as in exports, a document that is still open ends before
   * it.
   */
  #readLinesOf(document: JsonDocument, bytes: Buffer): number {
    const before = this.#held.length;
    const all = before === 0 ? bytes : this.#held.followedBy(bytes);
    const end = before === 0 ? this.#ahead.time(bytes, this.#isAtLineStart) : timeIn(all, this.#isAtLineStart);
    this.#effort.spend(before === 0 ? 0 : 2 * all.length);
    if (end === 0 && beginsWithTime(all)) {
      document.cut();
      this.#document = undefined; // A line that begins with a time is not part of it.
      this.#isAfterDocument = false;
      return 0;
    }
    if (end === 0) return this.#hold(bytes);
    this.#held.clear();
    const taken = document.push(all.subarray(0, end));
    this.#line += linesIn(all.subarray(0, taken));
    if (taken > 0) this.#isAtLineStart = all[taken - 1] === NEWLINE;
    if (document.ended) this.#leave(document);
    return taken - before;
  }
}

/** Returns whether it is worth trying to parse the text. A parser that fails costs as much as a few hundred bytes. */
function isClosed(text: string): boolean {
  return text.endsWith('}') || text.endsWith(']');
}

/** Returns the line without its leading NULs. A line that has only NULs stays as it is. */
function withoutNuls(line: string): string {
  let start = 0;
  while (line.charCodeAt(start) === 0) start += 1;
  return line.slice(start).trim() || line;
}

const WITHIN_DOCUMENT = /^(?:[}\]"]|(?:true|false|null|-?[\d.eE+-]+),?$)/;

/**
 * Returns whether the line is a part of pretty-printed JSON. JSON that is alone on a line is a message, unless it is
 * indented.
 */
function isFragment(text: string, indent: number): boolean {
  const isMessage = indent === 0 && text.startsWith('"') && text.endsWith('"');
  return !isMessage && WITHIN_DOCUMENT.test(text);
}

const ENVELOPE_START = /^\{.{0,300}"(?:Records|Events|events|items|results|logEvents)"\s*:\s*\[/s;

/** Limits the brackets that the first line of a document leaves open. A line with more was cut. */
const MOST_OPEN = 8;

/** Returns whether an incomplete line begins a document of many lines. Otherwise the line was cut. */
function beginsDocument(line: string): boolean {
  if (line.startsWith('[') || ENVELOPE_START.test(line)) return true;
  return line.length < 200 && /[[{,]$/.test(line);
}
