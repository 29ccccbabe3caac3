import { parseJson } from '../../json.ts';

/** The fields by which pieces are known; in a JSON text within a JSON text they are there all the same. */
const MARKS: readonly (string | undefined)[] = ['auditID', 'eventID'];
/** Envelopes in envelopes. */
const MOST_LEVELS = 6;
/**
 * In how many brackets a piece can stand, its own among them: what is read lies in seven lists at most (`unwrap`), each in
 * an object of its own. What a client puts into an event may bear the same field thousands of brackets deep.
 */
const DEEPEST = 16;

/**
 * The JSON objects of a text in which one of these texts is the value of `auditID` or `eventID`, just as they stand there: of
 * a message that an envelope holds as a text, what that text says. Whatever stands around them, a log's times among it, is
 * passed over. Inner objects come before those that hold them. What a piece is in is bounded (`DEEPEST`, `MOST_LEVELS`),
 * so that all of them together are so many times as long as the text at most.
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
  /** A value: of a field the one that `key` names, else of a list, or on its own. */
  | { readonly kind: 'text'; readonly start: number; readonly end: number; readonly key: string | undefined };

interface OpenContainer {
  readonly start: number;
  readonly isObject: boolean;
  isMarked: boolean;
}

/**
 * What matters of a text's JSON: where its texts and its objects stand. It begins anew where a text goes over a line, and at
 * an object that begins a line, in which nothing that came before can be open (`JsonExtent`).
 */
class Scan {
  readonly #text: string;
  #at = 0;
  #opened: OpenContainer[] = [];
  /** Brackets that are open within the deepest that is looked into. */
  #deeper = 0;
  #key: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The object that is open bears one of the values; a field that comes again is what it says last, as of JSON. */
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

  /** Reads one sign, or a whole text. */
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

  /** Outside of objects and lists only a line that begins with it is a text: elsewhere it is a sign of some prose. */
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

  /** A field's name is none, and what lies too deep is not looked into. */
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
