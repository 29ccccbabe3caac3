/** How a text is written: without escapes; with those that `JSON.stringify` writes too; or with others. */
export type Escapes = 0 | 1 | 2;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const SLASH = 0x2f;
const LETTER_U = 0x75;

/** Within a text: what ends it, what escapes, what no JSON text has. All else is 0. */
const ENDS = 1;
const ESCAPES = 2;
const FORBIDDEN = 3;
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20) return FORBIDDEN;
  return byte === QUOTE ? ENDS : byte === 0x5c ? ESCAPES : 0;
});
const SHORT_ESCAPES = new Set([...'"\\bfnrt'].map((letter) => letter.charCodeAt(0)));
const DEEPEST = 64;
const WORDS = ['true', 'false', 'null'].map(ascii);

/**
 * JSON read where it lies, in UTF-8, without building anything: as strict as `JSON.parse`, which is asked instead where this
 * one says no. What it takes is JSON; what it does not take may be. Each byte is looked at once.
 */
export class JsonBytes {
  bytes: Uint8Array = new Uint8Array();
  at = 0;
  /** Of the last text. */
  escapes: Escapes = 0;

  begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = 0;
  }

  next(): number {
    return this.bytes[this.at] ?? 0;
  }

  /** Reads the text that begins here, with its quotes. */
  text(): boolean {
    const { bytes } = this;
    let at = this.at;
    if (bytes[at] !== QUOTE) return false;
    this.escapes = 0;
    for (;;) {
      at += 1;
      while (KINDS[bytes[at] ?? 0] === 0) at += 1;
      const kind = KINDS[bytes[at] ?? 0];
      if (kind === ENDS) break;
      if (kind !== ESCAPES) return false;
      at = this.#escape(at + 1);
      if (at < 0) return false;
    }
    this.at = at + 1;
    return true;
  }

  /** Where the escape ends that has its letter here; -1 where it is none. */
  #escape(at: number): number {
    const letter = this.bytes[at] ?? 0;
    if (SHORT_ESCAPES.has(letter)) {
      if (this.escapes === 0) this.escapes = 1;
      return at;
    }
    this.escapes = 2;
    if (letter === SLASH) return at;
    if (letter !== LETTER_U) return -1;
    for (let digit = at + 1; digit <= at + 4; digit += 1) if (!isHexDigit(this.bytes[digit] ?? 0)) return -1;
    return at + 4;
  }

  /**
   * Reads an array that holds texts alone, with nothing between them but commas; how many it has, -1 where it is none, or
   * one that `JSON.stringify` would write otherwise, or one with a text of more bytes.
   */
  texts(longest: number): number {
    if (this.next() !== OPEN_ARRAY) return -1;
    this.at += 1;
    if (this.next() === CLOSE_ARRAY) return this.#step() ? 0 : -1;
    for (let count = 1; ; count += 1) {
      const from = this.at;
      if (!this.text() || this.escapes > 1 || this.at - from - 2 > longest) return -1;
      const next = this.next();
      this.at += 1;
      if (next === CLOSE_ARRAY) return count;
      if (next !== COMMA) return -1;
    }
  }

  /** Reads whatever value begins here. */
  skip(depth = 0): boolean {
    const next = this.next();
    if (next === QUOTE) return this.text();
    if (next === OPEN_OBJECT) return depth < DEEPEST && this.#skipMembers(CLOSE_OBJECT, depth);
    if (next === OPEN_ARRAY) return depth < DEEPEST && this.#skipMembers(CLOSE_ARRAY, depth);
    return next === MINUS || isDigit(next) ? this.#number() : this.#word();
  }

  #skipMembers(close: number, depth: number): boolean {
    this.at += 1;
    this.blanks();
    if (this.next() === close) return this.#step();
    for (;;) {
      if (close === CLOSE_OBJECT && !this.key()) return false;
      if (!this.skip(depth + 1)) return false;
      const next = this.nextStep();
      if (next === close) return true;
      if (next !== COMMA) return false;
      this.blanks();
    }
  }

  /** Reads a key and what stands between it and its value. */
  key(): boolean {
    if (!this.text()) return false;
    this.blanks();
    if (this.next() !== COLON) return false;
    this.at += 1;
    this.blanks();
    return true;
  }

  #step(): true {
    this.at += 1;
    return true;
  }

  /** RFC 8259, section 6. */
  #number(): boolean {
    if (this.next() === MINUS) this.at += 1;
    const isZero = this.next() === ZERO;
    const whole = this.#digits();
    if (whole === 0 || (isZero && whole > 1)) return false;
    if (this.next() === POINT) {
      this.at += 1;
      if (this.#digits() === 0) return false;
    }
    const exponent = this.next();
    if (exponent !== 0x45 && exponent !== 0x65) return true;
    this.at += 1;
    if (this.next() === MINUS || this.next() === PLUS) this.at += 1;
    return this.#digits() > 0;
  }

  /** How many there are. */
  #digits(): number {
    const start = this.at;
    while (isDigit(this.next())) this.at += 1;
    return this.at - start;
  }

  #word(): boolean {
    const word = WORDS.find((each) => hasAt(this.bytes, this.at, each));
    if (word === undefined) return false;
    this.at += word.length;
    return true;
  }

  /** What stands behind a value, and blanks: it is gone over. */
  nextStep(): number {
    let next = this.next();
    if (next <= 0x20) {
      this.blanks();
      next = this.next();
    }
    this.at += 1;
    return next;
  }

  blanks(): void {
    while (isBlank(this.next())) this.at += 1;
  }
}

function isBlank(byte: number): boolean {
  return byte <= 0x20 && (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

/** Whether these bytes stand there. */
export function hasAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index += 1) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

/** The bytes of a text that is ASCII. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
