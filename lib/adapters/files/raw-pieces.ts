import { parseJson } from '../../json.ts';

/** Names of the fields by which pieces are known; in a JSON text within a JSON text they are there all the same. */
const MARKS = ['auditID', 'eventID'];
/** Envelopes in envelopes. */
const MOST_LEVELS = 6;

/**
 * The JSON objects of a text in which one of these texts is a value, just as they stand there: of a message that an envelope
 * holds as a text, what that text says. Whatever stands around them, a log's times among it, is passed over. Inner objects
 * come before those that hold them.
 */
export function* rawPieces(text: string, values: ReadonlySet<string>, level = 0): Generator<string> {
  const scan = new Scan(text);
  for (let token = scan.next(); token !== undefined; token = scan.next()) {
    if (token.kind === 'object') {
      if (token.isMarked) yield text.slice(token.start, token.end);
      continue;
    }
    const inner = text.slice(token.start, token.end);
    if (values.has(inner.slice(1, -1))) scan.mark();
    else if (level < MOST_LEVELS && isDocument(inner)) yield* rawPieces(unquoted(inner), values, level + 1);
  }
}

function isDocument(quotedText: string): boolean {
  return quotedText.includes('{') && MARKS.some((mark) => quotedText.includes(mark));
}

function unquoted(text: string): string {
  const parsed = parseJson(text);
  return parsed.ok && typeof parsed.value === 'string' ? parsed.value : '';
}

interface Token {
  readonly kind: 'object' | 'text';
  readonly start: number;
  readonly end: number;
  readonly isMarked: boolean;
}

interface Opened {
  readonly start: number;
  readonly isObject: boolean;
  isMarked: boolean;
}

/** What matters of a text's JSON: where its texts and its objects stand. It begins anew where a text goes over a line. */
class Scan {
  readonly #text: string;
  #at = 0;
  #opened: Opened[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** The object that is open bears one of the values. */
  mark(): void {
    const inner = this.#opened.at(-1);
    if (inner !== undefined) inner.isMarked = true;
  }

  next(): Token | undefined {
    while (this.#at < this.#text.length) {
      const token = this.#step();
      if (token !== undefined) return token;
    }
    return undefined;
  }

  /** Reads one sign, or a whole text. */
  #step(): Token | undefined {
    const start = this.#at;
    const sign = this.#text[start] ?? '';
    this.#at += 1;
    if (sign === '"') return this.#isText(start) ? this.#textFrom(start) : undefined;
    if (sign === '{' || sign === '[') this.#opened.push({ start, isObject: sign === '{', isMarked: false });
    const closed = sign === '}' || sign === ']' ? this.#opened.pop() : undefined;
    if (!closed?.isObject) return undefined;
    return { kind: 'object', start: closed.start, end: this.#at, isMarked: closed.isMarked };
  }

  /** Outside of objects and lists only a line that begins with it is a text: elsewhere it is a sign of some prose. */
  #isText(start: number): boolean {
    return this.#opened.length > 0 || start === 0 || this.#text[start - 1] === '\n';
  }

  #textFrom(start: number): Token | undefined {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const sign = this.#text[this.#at];
      if (sign === '\\') this.#at += 1;
      else if (sign === '\n') break;
      else if (sign === '"') {
        this.#at += 1;
        return { kind: 'text', start, end: this.#at, isMarked: false };
      }
    }
    this.#opened = [];
    return undefined;
  }
}
