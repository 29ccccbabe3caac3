import { blanksIn, isOpening } from './blanks.ts';
import type { Effort } from './effort.ts';
import { JsonExtent, wholeJson } from './json-extent.ts';

/** Receives the parts of a line. */
export interface LineParts {
  value(value: unknown): void;
  /** Receives text after a value. Anybody may have written it, so values within it are not read. */
  trailingText(bytes: Buffer): void;
  /** Receives a value with complete brackets that is not JSON. Its elements may still be JSON. */
  damagedDocument(bytes: Buffer): void;
  damaged(bytes: Buffer): void;
  /** Receives the last value if it does not end on the line. `depth` is the number of its open brackets. */
  unfinished(bytes: Buffer, depth: number): void;
}

const TAB = 0x09;
const OPEN_OBJECT = 0x7b;

/** Limits how often the bytes of a line are read in vain, after tabs within a damaged value. */
const MOST_IN_VAIN = 8;

/**
 * Reads a line that is not one JSON value. It can have several values in a row, as Firehose writes them. Or it is the
 * start of a document, or was cut.
 */
export class OddLine {
  readonly #line: Buffer;
  readonly #parts: LineParts;
  readonly #effort: Effort;
  #at = 0;
  /** The position of the next tab, from `#at` on. -1 if there is none. */
  #tab = 0;
  #inVain = 0;

  constructor(line: Buffer, parts: LineParts, effort: Effort) {
    this.#line = line;
    this.#parts = parts;
    this.#effort = effort;
    this.#tab = this.#tabFrom(0);
  }

  read(): void {
    while (this.#at < this.#line.length && this.#readValue()) {
      if (this.#tab >= 0 && this.#tab < this.#at) this.#tab = this.#tabFrom(this.#at);
    }
  }

  /** Reads the next part. Returns whether reading may go on after it. */
  #readValue(): boolean {
    const bytes = this.#line.subarray(this.#at);
    if (!isOpening(bytes[0])) return this.#end(() => this.#parts.trailingText(bytes));
    const before = this.#effort.bytes;
    const tab = this.#tabBeforeValue();
    const extent = new JsonExtent(this.#effort);
    const length = extent.push(bytes, tab !== undefined);
    const parsed = length === undefined ? undefined : this.#parsed(bytes.subarray(0, length));
    if (length !== undefined && parsed !== undefined) return this.#takeValue(parsed.value, length);
    if (tab !== undefined) return this.#continueAfter(tab, this.#effort.bytes - before);
    if (length === undefined) return this.#end(() => this.#parts.unfinished(bytes, extent.depth));
    return this.#setAside(bytes, length);
  }

  #end(report: () => void): false {
    report();
    return false;
  }

  #parsed(value: Buffer): ReturnType<typeof wholeJson> {
    this.#effort.spend(value.length);
    return wholeJson(value);
  }

  #takeValue(value: unknown, length: number): boolean {
    const from = this.#at;
    const behind = from + length;
    const blanks = blanksIn(this.#line.subarray(behind));
    this.#effort.spend(blanks);
    this.#at = behind + blanks;
    if (isContinued(this.#line.subarray(this.#at)))
      return this.#end(() => this.#parts.damaged(this.#line.subarray(from)));
    this.#parts.value(value);
    return true;
  }

  /**
   * Sets a damaged value aside, and goes on after a tab. After a damaged value, the position may be within a text of
   * its body, which the caller wrote. Callers cannot write a tab there, because JSON texts have none. Nor can they
   * write a value directly after another, because quotes within texts are escaped. So reading goes on only in these two
   * places.
   */
  #continueAfter(tab: number, spent: number): boolean {
    const from = this.#at;
    this.#inVain += spent - (tab - from);
    if (this.#inVain > MOST_IN_VAIN * this.#line.length)
      return this.#end(() => this.#rejectRange(from, this.#line.length));
    this.#rejectRange(from, tab);
    this.#at = tab + 1;
    return true;
  }

  #setAside(bytes: Buffer, length: number): boolean {
    this.#at += length;
    const isFollowed = isOpening(bytes[length]);
    this.#effort.spend(length);
    if (bytes.subarray(1, length).includes(OPEN_OBJECT)) this.#parts.damagedDocument(bytes.subarray(0, length));
    else this.#parts.damaged(isFollowed ? bytes.subarray(0, length) : bytes);
    return isFollowed;
  }

  #rejectRange(from: number, to: number): void {
    this.#effort.spend(to - from);
    this.#parts.damaged(this.#line.subarray(from, to));
  }

  /** Returns the position of the next tab if a value begins after it. Otherwise undefined. */
  #tabBeforeValue(): number | undefined {
    return this.#tab > this.#at + 1 && this.#line[this.#tab + 1] === OPEN_OBJECT ? this.#tab : undefined;
  }

  #tabFrom(at: number): number {
    const tab = this.#line.indexOf(TAB, at);
    this.#effort.spend((tab < 0 ? this.#line.length : tab) - at);
    return tab;
  }
}

const COMMA = 0x2c;
const CLOSE_ARRAY = 0x5d;
/** The bytes that can come between the parts of one JSON value. */
const WITHIN_VALUE: ReadonlySet<number> = new Set(Buffer.from(',:"}]'));

/** Returns whether the bytes after a value show that it is part of another value, whose beginning is missing. */
function isContinued(rest: Buffer): boolean {
  if (!WITHIN_VALUE.has(rest[0] ?? 0)) return false;
  const isLast = blanksIn(rest.subarray(1)) + 1 === rest.length;
  return !(isLast && (rest[0] === COMMA || rest[0] === CLOSE_ARRAY));
}
