import { isUtf8 } from 'node:buffer';
import { parseJson } from '../../json.ts';
import { isOpening } from './blanks.ts';
import { Effort } from './effort.ts';

const NEWLINE = 0x0a;
const TAB = 0x09;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const CLOSE_OBJECT = 0x7d;
const CLOSE_ARRAY = 0x5d;
const BLANK = new Set([0x20, TAB, 0x0d]);

/** The last token, as far as it matters for what may follow. */
type LastToken = 'open' | 'comma' | 'colon' | 'value';

/**
 * Finds the end of a JSON value that begins with a bracket, over any number of lines. It scans, without parsing or
 * holding bytes.
 *
 * A value that was cut would swallow everything after it. JSON texts have no line breaks, no value can replace a comma,
 * and everyone who puts a field's object on a line of its own indents it. So the first line that begins with a bracket
 * in an impossible place is treated as the start of the next value.
 *
 * If the first line, or the part outside of the elements, contains something other than JSON, it was not meant as a
 * value and ends with that line. Within an element, only that element is damaged, and the others can still be read.
 */
export class JsonExtent {
  readonly #effort: Effort;
  readonly #open: number[] = [];
  #last: LastToken = 'open';
  #inText = false;
  #escaped = false;
  #atLineStart = false;
  #textWasCut = false;
  #isOnFirstLine = true;
  #isBroken = false;
  /**
   * The letters that must follow in `true`, `false` or `null`. Empty within a number, and undefined outside of words.
   */
  #word: string | undefined;

  constructor(effort = new Effort()) {
    this.#effort = effort;
  }

  /** The number of open brackets. */
  get depth(): number {
    return this.#open.length;
  }

  /**
   * Returns how many of the bytes belong to the value, if it ends within them. Undefined if it goes on.
   * @param untilDamaged whether to stop with undefined at a tab within a text, which JSON does not allow.
   */
  push(bytes: Buffer, untilDamaged = false): number | undefined {
    const { end, looked } = this.#endIn(bytes, untilDamaged);
    this.#effort.spend(looked);
    return end;
  }

  #endIn(bytes: Buffer, untilDamaged: boolean): { readonly end?: number; readonly looked: number } {
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.#endsBefore(byte)) return { end: at, looked: at };
      if (untilDamaged && byte === TAB && this.#inText) return { looked: at };
      if (this.#inText) this.#readText(byte);
      else if (this.#readStructure(byte)) return { end: at + 1, looked: at + 1 };
    }
    return { looked: bytes.length };
  }

  /**
   * Returns whether the value ends before this byte. It does at a bracket that begins a line where no value can, or
   * after a line that was not JSON.
   */
  #endsBefore(byte: number): boolean {
    if (this.#atLineStart && isOpening(byte) && !this.#mayBegin()) return true;
    this.#atLineStart = byte === NEWLINE;
    return byte === NEWLINE && this.#endsWithLine();
  }

  #mayBegin(): boolean {
    if (this.#textWasCut) return false;
    return this.#open.at(-1) === OPEN_ARRAY && this.#last !== 'value' && this.#last !== 'colon';
  }

  #endsWithLine(): boolean {
    if (this.#inText && this.#isOnFirstLine) this.#isBroken = true;
    this.#isOnFirstLine = false;
    return this.#isBroken;
  }

  #markBroken(): void {
    if (this.#isOnFirstLine || this.#open.length === 1) this.#isBroken = true;
  }

  #readText(byte: number): void {
    if (byte === NEWLINE) {
      this.#inText = false;
      this.#textWasCut = true;
    } else if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inText = false;
  }

  /** Reads a byte outside of texts. Returns whether it is the value's last bracket. */
  #readStructure(byte: number): boolean {
    if (byte === NEWLINE || BLANK.has(byte)) {
      this.#word = undefined;
      return false;
    }
    if (!STRUCTURE.has(byte)) {
      this.#readWord(byte);
      return false;
    }
    this.#word = undefined;
    if (byte === COMMA) this.#last = 'comma';
    else if (byte === COLON) this.#last = 'colon';
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) return this.#closeBracket();
    else this.#beginValue(byte);
    return false;
  }

  #closeBracket(): boolean {
    this.#last = 'value';
    this.#open.pop();
    return this.#open.length === 0;
  }

  /** Begins a text or a bracket. */
  #beginValue(byte: number): void {
    if (this.#last === 'value') this.#markBroken();
    this.#inText = byte === QUOTE;
    this.#last = byte === QUOTE ? 'value' : 'open';
    if (byte !== QUOTE) this.#open.push(byte);
  }

  #readWord(byte: number): void {
    const letter = String.fromCharCode(byte);
    if (this.#word === undefined) {
      const rest = NUMBER.test(letter) ? '' : WORDS[letter];
      if (rest === undefined || this.#last === 'value') this.#markBroken();
      this.#word = rest ?? '';
    } else if (this.#word !== '' && this.#word.startsWith(letter)) this.#word = this.#word.slice(1);
    else if (this.#word !== '' || !NUMBER.test(letter)) this.#markBroken();
    this.#last = 'value';
  }
}

const STRUCTURE = new Set([QUOTE, COMMA, COLON, OPEN_OBJECT, OPEN_ARRAY, CLOSE_OBJECT, CLOSE_ARRAY]);
const NUMBER = /[-+.\deE]/;
/** The rest of each JSON word, by its first letter. */
const WORDS: { readonly [first: string]: string } = { t: 'rue', f: 'alse', n: 'ull' };

const LAST_WHITE = 0x20;

/** Parses bytes that begin with a bracket. Undefined if they are not JSON. */
export function wholeJson(bytes: Buffer): { readonly value: unknown } | undefined {
  if (!mayBeWhole(bytes) || !isUtf8(bytes)) return undefined;
  const parsed = parseJson(bytes.toString('utf8'));
  return parsed.ok ? parsed : undefined;
}

/**
 * Returns whether the first and last bytes allow a complete value. A parser that fails costs as much as a few hundred
 * bytes.
 */
function mayBeWhole(bytes: Buffer): boolean {
  let end = bytes.length - 1;
  while (end > 0 && (bytes[end] ?? 0) <= LAST_WHITE) end -= 1;
  if (bytes[0] !== OPEN_OBJECT) return bytes[end] === CLOSE_ARRAY;
  let start = 1;
  while (start < end && (bytes[start] ?? 0) <= LAST_WHITE) start += 1;
  return bytes[end] === CLOSE_OBJECT && (bytes[start] === QUOTE || bytes[start] === CLOSE_OBJECT);
}
