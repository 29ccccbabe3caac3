import { parseJson } from '../../json.ts';

/** The fields that identify a piece. They also appear escaped, in JSON that is within a JSON text. */
const MARKS: readonly (string | undefined)[] = ['auditID', 'eventID'];
/** Limits the nesting of envelopes. */
const MOST_LEVELS = 6;
/**
 * Limits the brackets around a piece, including its own. A readable piece is in at most seven lists (`unwrap`), each in
 * an object. A client can put the same field thousands of brackets deep into an event.
 */
const DEEPEST = 16;

/**
 * Yields the JSON objects in a text whose `auditID` or `eventID` is one of the values. They are yielded exactly as
 * written. An envelope can have a message as text, and then the objects in that text are yielded. Other text, such as a
 * log's times, is skipped. Inner objects come before outer ones. `DEEPEST` and `MOST_LEVELS` limit the nesting. So all
 * pieces together are only a fixed number of times as long as the text.
 */
export function* rawPieces(text: string, values: ReadonlySet<string>, level = 0): Generator<string> {
  const scan = new Scan(text);
  for (let token = scan.next(); token !== undefined; token = scan.next()) {
    if (token.kind === 'object') {
      if (token.isMarked) yield text.slice(token.start, token.end);
      continue;
    }
    const inner = text.slice(token.start, token.end);
    if (MARKS.includes(token.key)) scan.mark(values.has(inner.slice(1, -1)));
    else if (level < MOST_LEVELS && isDocument(inner)) yield* rawPieces(unquoted(inner), values, level + 1);
  }
}

function isDocument(quotedText: string): boolean {
  return quotedText.includes('{') && MARKS.some((mark = '') => quotedText.includes(mark));
}

function unquoted(text: string): string {
  const parsed = parseJson(text);
  return parsed.ok && typeof parsed.value === 'string' ? parsed.value : '';
}

type Token =
  | { readonly kind: 'object'; readonly start: number; readonly end: number; readonly isMarked: boolean }
  /** A text value, alone or in a list, or in the field named `key`. */
  | { readonly kind: 'text'; readonly start: number; readonly end: number; readonly key: string | undefined };

interface OpenContainer {
  readonly start: number;
  readonly isObject: boolean;
  isMarked: boolean;
}

/**
 * Finds the texts and objects in the JSON of a text. It starts again after a line break within a text. It also starts
 * again at an object that begins a line, because nothing before can still be open there (`JsonExtent`).
 */
class Scan {
  readonly #text: string;
  #at = 0;
  #opened: OpenContainer[] = [];
  /** The number of open brackets beyond the deepest level that is read. */
  #deeper = 0;
  #key: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Notes whether the open object has one of the values. If a field comes twice, the last one counts, as in JSON. */
  mark(isMarked: boolean): void {
    const inner = this.#opened.at(-1);
    if (inner !== undefined) inner.isMarked = isMarked;
  }

  next(): Token | undefined {
    while (this.#at < this.#text.length) {
      const token = this.#step();
      if (token !== undefined) return token;
    }
    return undefined;
  }

  /** Reads one character, or a whole text. */
  #step(): Token | undefined {
    const start = this.#at;
    const sign = this.#text[start] ?? '';
    this.#at += 1;
    if (sign === '"') return this.#isText(start) ? this.#textFrom(start) : undefined;
    if (sign === '{' || sign === '[') this.#open(start, sign === '{');
    else if (sign === '}' || sign === ']') return this.#close();
    else if (sign === ',') this.#key = undefined;
    return undefined;
  }

  #open(start: number, isObject: boolean): void {
    this.#key = undefined;
    if (isObject && this.#beginsLine(start)) this.#forget();
    if (this.#opened.length < DEEPEST) this.#opened.push({ start, isObject, isMarked: false });
    else this.#deeper += 1;
  }

  #close(): Token | undefined {
    this.#key = undefined;
    if (this.#deeper > 0) {
      this.#deeper -= 1;
      return undefined;
    }
    const closed = this.#opened.pop();
    if (!closed?.isObject) return undefined;
    return { kind: 'object', start: closed.start, end: this.#at, isMarked: closed.isMarked };
  }

  #forget(): void {
    this.#opened = [];
    this.#deeper = 0;
    this.#key = undefined;
  }

  #beginsLine(start: number): boolean {
    return start === 0 || this.#text[start - 1] === '\n';
  }

  /**
   * Returns whether a quote begins a text. Outside of objects and lists, it does only at the start of a line. Elsewhere
   * it is part of prose.
   */
  #isText(start: number): boolean {
    return this.#opened.length > 0 || this.#beginsLine(start);
  }

  #textFrom(start: number): Token | undefined {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const sign = this.#text[this.#at];
      if (sign === '\\') this.#at += 1;
      else if (sign === '\n') break;
      else if (sign === '"') {
        this.#at += 1;
        return this.#textToken(start);
      }
    }
    this.#forget();
    return undefined;
  }

  /** Returns the token of a text. Undefined for the name of a field, or for a text that is nested too deep. */
  #textToken(start: number): Token | undefined {
    const end = this.#at;
    if (this.#isName(end)) {
      this.#key = this.#text.slice(start + 1, end - 1);
      return undefined;
    }
    const key = this.#key;
    this.#key = undefined;
    return this.#deeper > 0 ? undefined : { kind: 'text', start, end, key };
  }

  #isName(end: number): boolean {
    if (this.#opened.at(-1)?.isObject !== true && this.#deeper === 0) return false;
    let at = end;
    while (BLANKS.has(this.#text[at] ?? '')) at += 1;
    return this.#text[at] === ':';
  }
}

const BLANKS = new Set([' ', '\t', '\r', '\n']);
