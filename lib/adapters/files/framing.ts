import { isUtf8 } from 'node:buffer';
import type { RejectReason } from '../../envelopes/reject.ts';
import { parseJson } from '../../json.ts';
import { InsightsCsv, isCsvHeader } from './insights-csv.ts';
import { type ElementArray, JsonElements } from './json-elements.ts';

/** What a file's bytes fall into. `place` is in words: `line 3`. */
export interface FramingSink {
  value(value: unknown, place: () => string): void;
  /** A line of text that is no JSON: an export's `<time> <message>`, or nothing that we read. */
  text(line: string, place: () => string): void;
  /** A row of a Logs Insights CSV, by its header. */
  row(row: { readonly [column: string]: string }, place: () => string): void;
  reject(reason: RejectReason, place: () => string, sample: string): void;
}

/** The longest line or element that is read as a whole; an audit entry in CloudWatch Logs has at most 1 MB. */
export const LONGEST_VALUE = 8 * 1024 * 1024;

const NEWLINE = 0x0a;
const SAMPLE_BYTES = 2_048;
const BYTE_ORDER_MARK = '\uFEFF';

type Mode = 'lines' | 'document' | 'csv' | 'skip-line';

/**
 * Cuts a file's bytes into JSON values, rows and lines, by what it finds: JSON lines, a JSON document over many lines
 * or too large to hold, a CSV, or text. Whatever it can't read it sets aside and goes on behind it.
 */
export class Framing {
  readonly #sink: FramingSink;
  #mode: Mode = 'lines';
  #held: Buffer[] = [];
  #heldLength = 0;
  #line = 0;
  #documentLine = 0;
  #elements: JsonElements | undefined;
  #elementsEndWithLine = false;
  #csv: InsightsCsv | undefined;
  #isFirstLine = true;

  constructor(sink: FramingSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = rest.subarray(this.#step(rest));
  }

  /** The file's last bytes were pushed: what is held is all there will be. */
  end(): void {
    if (this.#mode === 'document') return this.#endDocument();
    if (this.#heldLength > 0) this.#endLine(this.#takeHeld());
    this.#csv?.end();
  }

  /** Reads one line, or as much of a document as there is; answers with how many bytes that took. */
  #step(bytes: Buffer): number {
    if (this.#mode === 'document') return this.#readDocument(bytes);
    const newline = bytes.indexOf(NEWLINE);
    if (this.#mode === 'skip-line') {
      if (newline < 0) return bytes.length;
      this.#mode = 'lines';
      this.#line += 1;
      return newline + 1;
    }
    if (newline < 0) return this.#hold(bytes);
    const line = bytes.subarray(0, newline);
    this.#endLine(this.#heldLength === 0 ? line : this.#takeHeld(line));
    return newline + 1;
  }

  #hold(bytes: Buffer): number {
    this.#held.push(Buffer.from(bytes));
    this.#heldLength += bytes.length;
    if (this.#heldLength > LONGEST_VALUE) this.#readLongLine(this.#takeHeld());
    return bytes.length;
  }

  #takeHeld(last?: Buffer): Buffer {
    const all = Buffer.concat(last === undefined ? this.#held : [...this.#held, last]);
    this.#held = [];
    this.#heldLength = 0;
    return all;
  }

  #endLine(bytes: Buffer): void {
    this.#line += 1;
    if (!isUtf8(bytes)) return this.#reject('invalid-utf-8', bytes.toString('latin1', 0, SAMPLE_BYTES));
    const line = bytes.toString('utf8');
    const first = this.#isFirstLine;
    const text = (first && line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line).trim();
    if (this.#csv !== undefined) return this.#csv.line(line);
    if (text === '') return;
    this.#isFirstLine = false;
    if (first && isCsvHeader(text)) {
      this.#csv = new InsightsCsv(text, this.#sink);
      return;
    }
    this.#readLine(text, bytes);
  }

  #readLine(text: string, bytes: Buffer): void {
    const place = this.#place();
    if (!text.startsWith('{') && !text.startsWith('[')) return this.#sink.text(text, place);
    const parsed = parseJson(text);
    if (parsed.ok) return this.#sink.value(parsed.value, place);
    if (!beginsDocument(text)) return this.#reject('invalid-json', text);
    this.#beginDocument();
    this.#held = [Buffer.from(bytes), Buffer.from('\n')];
    this.#heldLength = bytes.length + 1;
  }

  #place(): () => string {
    const line = this.#line;
    return () => `line ${line}`;
  }

  #reject(reason: RejectReason, sample: string): void {
    this.#sink.reject(reason, this.#place(), sample);
  }

  #beginDocument(): void {
    this.#mode = 'document';
    this.#documentLine = this.#line;
  }

  /** A line that is longer than any entry: a large document on one line, or nothing that we read. */
  #readLongLine(bytes: Buffer): void {
    this.#line += 1;
    const start = bytes.subarray(0, SAMPLE_BYTES).toString('latin1').trimStart();
    if (!start.startsWith('{') && !start.startsWith('[')) {
      this.#reject('too-long', start);
      this.#mode = 'skip-line';
      this.#line -= 1;
      return;
    }
    this.#beginDocument();
    this.#elementsEndWithLine = true;
    this.#beginElements(bytes);
  }

  #readDocument(bytes: Buffer): number {
    const end = this.#elementsEndWithLine ? bytes.indexOf(NEWLINE) : -1;
    const piece = end < 0 ? bytes : bytes.subarray(0, end);
    let taken = piece.length;
    if (this.#elements !== undefined) {
      taken = this.#elements.push(piece);
    } else {
      this.#held.push(Buffer.from(piece));
      this.#heldLength += piece.length;
      if (this.#heldLength > LONGEST_VALUE) this.#beginElements(this.#takeHeld());
    }
    this.#countLines(piece.subarray(0, taken));
    if (this.#elements?.ended) return taken + this.#leaveDocument();
    if (end < 0) return taken;
    this.#endDocument();
    return end + 1;
  }

  #countLines(bytes: Buffer): void {
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) this.#line += 1;
  }

  #leaveDocument(): number {
    const elements = this.#elements;
    if (elements?.elements === 0) this.#reject('too-long', '');
    this.#elements = undefined;
    this.#mode = this.#elementsEndWithLine ? 'skip-line' : 'lines';
    this.#elementsEndWithLine = false;
    return 0;
  }

  #beginElements(bytes: Buffer): void {
    this.#elements = new JsonElements(
      {
        element: (text, array) => this.#element(text, array),
        tooLong: (array, head) => {
          this.#sink.reject('too-long', this.#placeIn(array), head.toString('latin1', 0, SAMPLE_BYTES));
        },
      },
      LONGEST_VALUE,
    );
    const taken = this.#elements.push(bytes);
    if (this.#elements.ended) {
      const rest = bytes.subarray(taken);
      this.#leaveDocument();
      this.push(rest);
    }
  }

  #placeIn({ key, index }: ElementArray): () => string {
    const line = this.#documentLine;
    return () => `line ${line}, ${key}[${index}]`;
  }

  #element(text: Buffer, array: ElementArray): void {
    const place = this.#placeIn(array);
    if (!isUtf8(text)) return this.#sink.reject('invalid-utf-8', place, text.toString('latin1', 0, SAMPLE_BYTES));
    const parsed = parseJson(text.toString('utf8'));
    if (!parsed.ok) return this.#sink.reject('invalid-json', place, text.toString('utf8', 0, SAMPLE_BYTES));
    const { key, header, index } = array;
    const base = this.#documentLine;
    if (key === '') this.#sink.value([parsed.value], () => `line ${base}, [${index}] as`);
    else
      this.#sink.value(
        { ...Object.fromEntries(header), [key]: [parsed.value] },
        () => `line ${base}, ${key}[${index}] as`,
      );
  }

  /** A document ended, or the file did within it. */
  #endDocument(): void {
    const place = `line ${this.#documentLine}`;
    const elements = this.#elements;
    this.#mode = 'lines';
    this.#elements = undefined;
    this.#elementsEndWithLine = false;
    if (elements !== undefined) {
      if (!elements.ended) this.#sink.reject('cut-file', () => `${place}, after ${elements.elements} elements`, '');
      return;
    }
    this.#endSmallDocument(this.#takeHeld());
  }

  /** The held document is all there is: one value, several, or one that was cut. */
  #endSmallDocument(bytes: Buffer): void {
    const line = this.#documentLine;
    const sample = bytes.toString('utf8', 0, SAMPLE_BYTES);
    if (!isUtf8(bytes)) return this.#salvage(bytes);
    const parsed = parseJson(bytes.toString('utf8'));
    if (parsed.ok) return this.#sink.value(parsed.value, () => `line ${line}`);
    if (sample.trim() !== '') this.#salvage(bytes);
  }

  /** Reads as many values and elements as can be told apart in a document that does not parse as one. */
  #salvage(bytes: Buffer): void {
    for (const { text, line } of topLevelValues(bytes, this.#documentLine)) {
      const place = () => `line ${line}`;
      const parsed = isUtf8(text) ? parseJson(text.toString('utf8')) : undefined;
      if (parsed?.ok) this.#sink.value(parsed.value, place);
      else this.#salvageElements(text, line);
    }
  }

  #salvageElements(text: Buffer, line: number): void {
    this.#documentLine = line;
    const elements = new JsonElements(
      { element: (found, array) => this.#element(found, array), tooLong: () => undefined },
      LONGEST_VALUE,
    );
    elements.push(text);
    if (elements.elements > 0 && elements.ended) return;
    const reason = elements.ended ? (isUtf8(text) ? 'invalid-json' : 'invalid-utf-8') : 'cut-file';
    this.#sink.reject(reason, () => `line ${line}`, text.toString('utf8', 0, SAMPLE_BYTES));
  }
}

const ENVELOPE_START = /^\{.{0,300}"(?:Records|Events|events|items|results|logEvents)"\s*:\s*\[/s;

/** Whether an incomplete line is the beginning of a document over many lines, rather than a line that was cut. */
function beginsDocument(line: string): boolean {
  if (line.startsWith('[') || ENVELOPE_START.test(line)) return true;
  return line.length < 200 && /[[{,]$/.test(line);
}

/** The values of a document that holds several, one after the other, as `jq` prints them. */
function* topLevelValues(bytes: Buffer, firstLine: number): Generator<{ text: Buffer; line: number }> {
  let line = firstLine;
  let rest = bytes;
  while (rest.length > 0) {
    const scanner = new JsonElements({ element: () => undefined, tooLong: () => undefined }, 0);
    const taken = scanner.push(rest);
    const text = rest.subarray(0, taken);
    if (text.toString('utf8').trim() !== '') yield { text, line };
    for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) line += 1;
    rest = rest.subarray(taken);
  }
}
