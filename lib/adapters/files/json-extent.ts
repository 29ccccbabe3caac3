const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const CLOSE_OBJECT = 0x7d;
const CLOSE_ARRAY = 0x5d;
const BLANK = new Set([0x20, 0x09, 0x0d]);

/** What the last token was, as far as it tells what may come next. */
type Last = 'open' | 'comma' | 'colon' | 'value';

/**
 * How far a JSON value reaches that begins with a bracket, over as many lines as it likes. A scanner: it neither parses
 * nor holds anything.
 *
 * A value that was cut would swallow whatever follows it. Since no JSON text has a line break, and no value stands
 * where a comma must, the first line that begins with a bracket where none can be is taken for the next value's.
 */
export class JsonExtent {
  readonly #open: number[] = [];
  #last: Last = 'open';
  #inText = false;
  #escaped = false;
  #atLineStart = false;
  #textWasCut = false;

  /** How many brackets are open. */
  get depth(): number {
    return this.#open.length;
  }

  /** How many of the bytes belong to the value where it ends within them, undefined where it goes on behind them. */
  push(bytes: Buffer): number | undefined {
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.#atLineStart && isOpening(byte) && !this.#mayBegin()) return at;
      this.#atLineStart = byte === NEWLINE;
      if (this.#inText) this.#readText(byte);
      else if (this.#readStructure(byte)) return at + 1;
    }
    return undefined;
  }

  #mayBegin(): boolean {
    if (this.#textWasCut) return false;
    const inArray = this.#open.at(-1) === OPEN_ARRAY;
    return this.#last === 'colon' || (inArray && this.#last !== 'value');
  }

  #readText(byte: number): void {
    if (byte === NEWLINE) {
      this.#inText = false;
      this.#textWasCut = true;
    } else if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inText = false;
  }

  /** Whether the byte is the value's last bracket. */
  #readStructure(byte: number): boolean {
    if (byte === NEWLINE || BLANK.has(byte)) return false;
    this.#last = 'value';
    if (byte === QUOTE) this.#inText = true;
    else if (byte === COMMA) this.#last = 'comma';
    else if (byte === COLON) this.#last = 'colon';
    else if (isOpening(byte)) {
      this.#open.push(byte);
      this.#last = 'open';
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      this.#open.pop();
      return this.#open.length === 0;
    }
    return false;
  }
}

function isOpening(byte: number): boolean {
  return byte === OPEN_OBJECT || byte === OPEN_ARRAY;
}
