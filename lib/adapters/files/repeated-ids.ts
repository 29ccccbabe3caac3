/** The key of the audit ID in every audit event, in any envelope. */
const KEY = Buffer.from('auditID');
/** The end of the key, by which the search finds it. It begins with a rare letter, so this is three times as fast. */
const KEY_END = Buffer.from('ID');
const KEY_START = KEY.length - KEY_END.length;
const STAGE_KEY = Buffer.from('stage');

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
/** The bytes that can be between a key and its value, or between members: quotes, escapes, `:`, `,` and blanks. */
const BETWEEN = new Uint8Array(256);
for (const byte of Buffer.from('"\\:, \t\r\n')) BETWEEN[byte] = 1;

/** How many bytes after an audit ID state its stage, with some blanks. */
const STAGE_REACH = 64;
/**
 * The length in bytes of a piece's beginning that is read together with the rest of the piece before. Few audit IDs are
 * longer.
 */
const SEAM = 1024;
/** The longest text that is kept from one piece to the next, in bytes. */
const LONGEST_REST = 64 * 1024;
/** The number of an audit ID's first bytes that are compared. Records keep at most 256 of its characters. */
const COMPARED = 200;

/** The bits of all stages. A stage that does not come directly after the audit ID can be any. */
const ANY_STAGE = 0x10;
const STAGE_BITS = 0x1f;

const FIRST_SLOTS = 1 << 14;
const FULLEST = 0.75;

/**
 * The beginning of an escape, and the hexadecimal digits with which the codes of letters and backslashes begin. No
 * program escapes these characters, but somebody could hide the key of an audit ID in this way.
 */
const ESCAPE = Buffer.from('\\u00');
const LETTERS = new Uint8Array(256);
for (const byte of Buffer.from('4567')) LETTERS[byte] = 1;

/**
 * Finds out whether an audit ID may come more than once at one stage. It searches the text of audit events, without
 * parsing. It may wrongly say so, for example if letters are escaped. It takes 8 bytes for each event.
 */
export class RepeatedIds {
  #slots = FIRST_SLOTS;
  #table = new Uint32Array(FIRST_SLOTS * 2);
  #size = 0;
  #mayRepeat = false;

  get mayRepeat(): boolean {
    return this.#mayRepeat;
  }

  /** Returns a function that adds the events of a text, whose pieces come in order. An empty piece is the last one. */
  ofText(): (piece: Buffer) => void {
    let rest = Buffer.alloc(0);
    return (piece) => {
      if (this.#mayRepeat) return;
      const isLast = piece.length === 0;
      // Copies of whole pieces would take as much memory as the files. Node.js frees such memory late, because it is
      // outside of V8's heap.
      const seam = Buffer.concat([rest, piece.subarray(0, SEAM)]);
      const done = rest.length === 0 ? 0 : this.#scan(seam, isLast);
      this.#mayRepeat ||= hasEscapedLetter(seam) || hasEscapedLetter(piece);
      const text =
        done < rest.length ? Buffer.concat([rest, piece]).subarray(done) : piece.subarray(done - rest.length);
      rest = Buffer.from(text.subarray(this.#scan(text, isLast)));
      if (rest.length > LONGEST_REST) this.#mayRepeat = true;
    };
  }

  /** Adds an event that was parsed. */
  add(auditId: string, stage: string | undefined): void {
    const id = Buffer.from(auditId);
    this.#addId(id, 0, id.length, stage === undefined ? ANY_STAGE : stageBit(Buffer.from(stage), 0));
  }

  /** Scans a text. Returns how much of it is done. */
  #scan(text: Buffer, isLast: boolean): number {
    for (let end = text.indexOf(KEY_END); end !== -1; end = text.indexOf(KEY_END, end + 1)) {
      const at = end - KEY_START;
      if (!isAt(text, KEY, at)) continue;
      const done = this.#readId(text, at, isLast);
      if (done === undefined) return at;
      if (this.#mayRepeat) return text.length;
      end = done;
    }
    return Math.max(0, text.length - KEY.length + 1);
  }

  /**
   * Adds the audit ID after the key at this position. Returns where the ID ends. Undefined if the text ends before that
   * is known.
   */
  #readId(text: Buffer, key: number, isLast: boolean): number | undefined {
    const from = skip(text, key + KEY.length);
    const end = valueEnd(text, from);
    const next = skip(text, end);
    if (!isLast && next + STAGE_REACH > text.length) return undefined;
    this.#mayRepeat ||= isEscape(text, from) || isEscape(text, next);
    if (hasColon(text, key + KEY.length, from)) this.#addId(text, from, end, stageAt(text, next));
    return end;
  }

  /** Adds the audit ID at these bytes. */
  #addId(bytes: Buffer, from: number, end: number, stage: number): void {
    let [first, second] = [0x811c9dc5, 0x9747b28c];
    for (let at = from; at < end && at < from + COMPARED; at += 1) {
      const byte = bytes[at] ?? 0;
      first = Math.imul(first ^ byte, 0x01000193);
      second = Math.imul(second ^ byte, 0x5bd1e995) ^ (second >>> 15);
    }
    this.#mayRepeat ||= this.#isKnown((first ^ (first >>> 15)) | 1, second & ~STAGE_BITS, stage);
    if (this.#size > this.#slots * FULLEST) this.#grow();
  }

  /** Adds a hash at some stages. Returns whether it was there before at one of these stages. */
  #isKnown(first: number, second: number, stages: number): boolean {
    const table = this.#table;
    const mask = this.#slots - 1;
    for (let slot = (first >>> 1) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 2;
      const other = table[at + 1] ?? 0;
      if (table[at] === 0) {
        table[at] = first;
        table[at + 1] = second | stages;
        this.#size += 1;
        return false;
      }
      if (table[at] !== first >>> 0 || ((other ^ second) & ~STAGE_BITS) !== 0) continue;
      table[at + 1] = other | stages;
      return ((other | stages) & ANY_STAGE) !== 0 || (other & stages) !== 0;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#slots *= 2;
    this.#table = new Uint32Array(this.#slots * 2);
    this.#size = 0;
    for (let at = 0; at < old.length; at += 2) {
      const [first = 0, second = 0] = [old[at], old[at + 1]];
      if (first !== 0) this.#isKnown(first, second & ~STAGE_BITS, second & STAGE_BITS);
    }
  }
}

function hasEscapedLetter(text: Buffer): boolean {
  for (let at = text.indexOf(ESCAPE); at !== -1; at = text.indexOf(ESCAPE, at + 1))
    if (LETTERS[text[at + ESCAPE.length] ?? 0] === 1) return true;
  return false;
}

/** Returns the first position after blanks, quotes and the like. */
function skip(text: Buffer, from: number): number {
  let at = from;
  while (at < text.length && BETWEEN[text[at] ?? 0] === 1) at += 1;
  return at;
}

function valueEnd(text: Buffer, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== QUOTE && text[at] !== BACKSLASH) at += 1;
  return at;
}

/** Returns whether the character is part of an escape. If so, the text stands for other characters. */
function isEscape(text: Buffer, at: number): boolean {
  return text[at - 1] === BACKSLASH;
}

function stageAt(text: Buffer, at: number): number {
  return isAt(text, STAGE_KEY, at) ? stageBit(text, skip(text, at + STAGE_KEY.length)) : ANY_STAGE;
}

/**
 * Returns whether these bytes are at this position in the text. For few bytes, this is faster than a call of `compare`.
 */
function isAt(text: Buffer, bytes: Buffer, at: number): boolean {
  for (let index = 0; index < bytes.length; index += 1) if (text[at + index] !== bytes[index]) return false;
  return true;
}

function hasColon(text: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) if (text[at] === COLON) return true;
  return false;
}

/** Returns the bit of a stage, by letters in which the names of the stages differ. */
function stageBit(text: Buffer, at: number): number {
  const [begins, goesOn] = [text[at], text[at + 8]];
  if (begins === 0x50) return 1; // Panic
  if (begins !== 0x52) return ANY_STAGE;
  return goesOn === 0x43 ? 2 : goesOn === 0x53 ? 4 : 8; // ResponseComplete, ResponseStarted, RequestReceived
}
