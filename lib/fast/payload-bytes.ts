import { decoded } from './utf-8.ts';

/** In bytes: what is compared at once. */
const WORD = 4;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
/** Four bytes each. Less one each, a byte that was none has its highest bit set; less a blank, one that no text has. */
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080;
const BLANKS = 0x20 * ONES;
const QUOTES = QUOTE * ONES;
const BACKSLASHES = BACKSLASH * ONES;
/** Within a text: what ends it, or none has; ASCII; a part of another letter. */
const STOPS = 0;
const ASCII = 1;
const OTHER = 2;
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return STOPS;
  return byte < 0x80 ? ASCII : OTHER;
});
/** What a message has behind a backslash, but for the two that have one themselves in the payload. */
const ESCAPED = Uint8Array.from({ length: 256 }, (_, byte) => ('bfnrtu/'.includes(String.fromCharCode(byte)) ? 1 : 0));
const LISTS_AND_OBJECTS = Uint8Array.from({ length: 256 }, (_, byte) =>
  '[]{}'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** Bytes that are to stand somewhere: four at once, the last four of them over those before, where they are no multiple. */
export class Words {
  readonly length: number;
  readonly ints: Int32Array;

  /** @param text of at least four characters, all ASCII, as they stand in the payload. */
  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    const view = new DataView(bytes.buffer);
    this.length = bytes.length;
    this.ints = Int32Array.from({ length: Math.ceil(bytes.length / WORD) }, (_, index) =>
      view.getInt32(Math.min(index * WORD, bytes.length - WORD), true),
    );
  }
}

/** The words of a message, as they stand in a payload, of which it is a text. */
export function wordsOfMessage(json: string): Words {
  return new Words(JSON.stringify(json).slice(1, -1));
}

/** How a text is written: it ends too early, or has what no JSON text has; in ASCII; in other letters too; with escapes. */
export const TEXT = { none: 0, ascii: 1, plain: 2, escaped: 3 } as const;
export type TextKind = (typeof TEXT)[keyof typeof TEXT];

/**
 * A payload in its bytes, read step by step from `at`. Of what is JSON within JSON, as messages are, quotes and backslashes stand
 * behind a backslash each.
 */
export class PayloadBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at = 0;
  readonly #text: string;
  /** Each byte is a character of the text. */
  readonly #isAligned: boolean;
  /** A character for each byte: ASCII as it is. For looking for things, which is faster in a text. */
  readonly #characters: string;

  /** @param text what the bytes are in UTF-8. */
  constructor(text: string, bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = text;
    this.#isAligned = text.length === bytes.length;
    this.#characters = this.#isAligned ? text : new TextDecoder('latin1').decode(bytes);
  }

  /** Where that begins, of ASCII, which stands there next; -1 where it does not come any more. */
  find(ascii: string, from: number): number {
    return this.#characters.indexOf(ascii, from);
  }

  cut(from: number, to: number): string {
    return this.#isAligned ? this.#text.slice(from, to) : decoded(this.bytes, from, to);
  }

  /** Whether these bytes are the next before `end`; it then stands behind them. */
  takes({ ints, length }: Words, end: number): boolean {
    const { view, at } = this;
    if (at + length > end) return false;
    const last = ints.length - 1;
    for (let index = 0; index < last; index += 1) {
      if (view.getInt32(at + index * WORD, true) !== ints[index]) return false;
    }
    if (view.getInt32(at + length - WORD, true) !== ints[last]) return false;
    this.at = at + length;
    return true;
  }

  /** Reads the rest of a text of the payload without escapes, up to its quote. */
  takesPlain(): boolean {
    const { bytes } = this;
    let at = this.#behindAscii(this.at);
    while (KINDS[bytes[at] ?? 0] !== STOPS) at += 1;
    this.at = at;
    return bytes[at] === QUOTE;
  }

  /** Reads the rest of a message's text, up to its quote. What escapes of letters say is not looked at. */
  text(): TextKind {
    const { bytes } = this;
    let kind = TEXT.ascii as TextKind;
    for (let at = this.at; ; ) {
      at = this.#behindAscii(at);
      if (bytes[at] === BACKSLASH && bytes[at + 1] === QUOTE) {
        this.at = at;
        return kind;
      }
      const isLetter = KINDS[bytes[at] ?? 0] === OTHER;
      at = isLetter ? at + 1 : this.#behindEscape(at);
      if (at < 0) return TEXT.none;
      kind = isLetter && kind !== TEXT.escaped ? TEXT.plain : TEXT.escaped;
    }
  }

  /** Where something else than ordinary ASCII comes: four bytes at once are looked through for it, then each. */
  #behindAscii(from: number): number {
    const { bytes, view } = this;
    let at = from;
    for (const last = bytes.length - WORD; at <= last; at += WORD) {
      const four = view.getInt32(at, true);
      const odd = (four - BLANKS) | ((four ^ QUOTES) - ONES) | ((four ^ BACKSLASHES) - ONES) | four;
      if ((odd & HIGH_BITS) !== 0) break;
    }
    while (KINDS[bytes[at] ?? 0] === ASCII) at += 1;
    return at;
  }

  /** Of a message's escape that begins here; -1 where none does. */
  #behindEscape(at: number): number {
    const { bytes } = this;
    if (bytes[at] !== BACKSLASH || bytes[at + 1] !== BACKSLASH) return -1;
    const escaped = bytes[at + 2] ?? 0;
    if (ESCAPED[escaped] === 1) return at + 3;
    const isPair = escaped === BACKSLASH && (bytes[at + 3] === QUOTE || bytes[at + 3] === BACKSLASH);
    return isPair ? at + 4 : -1;
  }

  next(): number {
    return this.bytes[this.at] ?? 0;
  }

  takesByte(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  /** Whether this text, which is ASCII, stands here. */
  has(ascii: string): boolean {
    return this.#characters.startsWith(ascii, this.at);
  }

  /** The next bracket before `end`, behind which it then stands; 0 where there is none. */
  bracket(end: number): number {
    const { bytes } = this;
    let { at } = this;
    while (at < end && LISTS_AND_OBJECTS[bytes[at] ?? 0] === 0) at += 1;
    this.at = at + 1;
    return at < end ? (bytes[at] ?? 0) : 0;
  }
}
