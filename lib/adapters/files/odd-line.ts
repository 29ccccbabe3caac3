import { blanksIn, isOpening } from './blanks.ts';
import type { Effort } from './effort.ts';
import { JsonExtent, wholeJson } from './json-extent.ts';

/** What the parts of a line are. */
export interface LineParts {
  value(value: unknown): void;
  /** What stands behind a value and is none: it may be anybody's text, so nothing in it is taken for a value. */
  textBehind(bytes: Buffer): void;
  /** A value that is whole by its brackets, and no JSON; elements of it may be. */
  damagedDocument(bytes: Buffer): void;
  damaged(bytes: Buffer): void;
  /** The last value does not end on the line; `depth` is how many brackets it leaves open. */
  unfinished(bytes: Buffer, depth: number): void;
}

const TAB = 0x09;
const OPEN_OBJECT = 0x7b;

/** So many times the line's bytes may be looked at in vain, behind tabs that stood within a damaged value. */
const MOST_IN_VAIN = 8;

/**
 * A line that is not one JSON value: several ones, one behind the other, as Firehose writes them; or the beginning of a
 * document; or a line that was cut.
 */
export class OddLine {
  readonly #line: Buffer;
  readonly #parts: LineParts;
  readonly #effort: Effort;
  #at = 0;
  /** Where the next tab stands, from `#at` on; -1 where there is none. */
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

  /** Reads what comes next; whether what stands behind it can be read too. */
  #readValue(): boolean {
    const bytes = this.#line.subarray(this.#at);
    if (!isOpening(bytes[0])) return this.#end(() => this.#parts.textBehind(bytes));
    const before = this.#effort.bytes;
    const tab = this.#tabBeforeValue();
    const extent = new JsonExtent(this.#effort);
    const length = extent.push(bytes, tab !== undefined);
    const parsed = length === undefined ? undefined : this.#parsed(bytes.subarray(0, length));
    if (length !== undefined && parsed !== undefined) return this.#takeValue(parsed.value, length);
    if (tab !== undefined) return this.#goOnBehind(tab, this.#effort.bytes - before);
    if (length === undefined) return this.#end(() => this.#parts.unfinished(bytes, extent.depth));
    return this.#setAside(bytes, length);
  }

  #end(tell: () => void): false {
    tell();
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
    if (goesOn(this.#line.subarray(this.#at))) return this.#end(() => this.#parts.damaged(this.#line.subarray(from)));
    this.#parts.value(value);
    return true;
  }

  /**
   * Behind a damaged value we may stand within a text of its body, which whoever called wrote. Nothing that they write
   * is a tab, since JSON has none within texts, or a value that another one follows at once, since quotes in texts are
   * escaped: only there it goes on.
   */
  #goOnBehind(tab: number, spent: number): boolean {
    const from = this.#at;
    this.#inVain += spent - (tab - from);
    if (this.#inVain > MOST_IN_VAIN * this.#line.length) return this.#end(() => this.#damaged(from, this.#line.length));
    this.#damaged(from, tab);
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

  #damaged(from: number, to: number): void {
    this.#effort.spend(to - from);
    this.#parts.damaged(this.#line.subarray(from, to));
  }

  /** Where the next tab stands, if a value begins behind it. */
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
/** What stands between the parts of one JSON value. */
const WITHIN_VALUE: ReadonlySet<number> = new Set(Buffer.from(',:"}]'));

/** Whether what stands behind a value shows that it is part of another, whose beginning is lost. */
function goesOn(rest: Buffer): boolean {
  if (!WITHIN_VALUE.has(rest[0] ?? 0)) return false;
  const isLast = blanksIn(rest.subarray(1)) + 1 === rest.length;
  return !(isLast && (rest[0] === COMMA || rest[0] === CLOSE_ARRAY));
}
