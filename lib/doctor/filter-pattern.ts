import { isJsonObject, parseJson } from '../json.ts';

/** A function that returns whether a log message matches the pattern. */
export type FilterPattern = (message: string) => boolean;

type Condition = (event: unknown) => boolean;

/**
 * Parses a CloudWatch Logs filter pattern to a function of messages (User Guide, "Filter pattern syntax"). It knows the
 * empty pattern, terms and JSON patterns. Undefined for regular expressions and for space-delimited patterns. The guide
 * does not say what `!=` means for a missing field. Here, it matches.
 */
export function parseFilterPattern(pattern: string): FilterPattern | undefined {
  const text = pattern.trim();
  if (text.startsWith('[') || text.includes('%')) return undefined;
  if (!text.startsWith('{')) return termsPattern(text);
  const tokens = tokensOf(text);
  const condition = tokens && new Reader(tokens).whole();
  if (condition === undefined) return undefined;
  return (message) => {
    const event = parseJson(message);
    return event.ok && isJsonObject(event.value) && condition(event.value);
  };
}

const TERM = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))\s*/y;

/**
 * Parses a pattern of terms. A message must contain all terms without a sign, and none with a minus. If all terms are
 * optional (question mark), it must contain one of them.
 */
function termsPattern(text: string): FilterPattern | undefined {
  const terms: { sign: string; term: string }[] = [];
  const reader = new RegExp(TERM);
  while (reader.lastIndex < text.length) {
    const [, sign = '', quote, bare] = reader.exec(text) ?? [];
    const term = quote?.replace(/\\(.)/g, '$1') ?? bare;
    if (term === undefined) return undefined;
    terms.push({ sign, term });
  }
  const [needed, barred, optional] = ['', '-', '?'].map((wanted) => terms.filter(({ sign }) => sign === wanted));
  return (message) => {
    const holds = ({ term }: { term: string }) => message.includes(term);
    if (barred?.some(holds) === true || needed?.every(holds) === false) return false;
    return optional?.length === 0 || needed?.length !== 0 || optional?.some(holds) === true;
  };
}

const TOKEN =
  /\s*(?:(\$(?:\.[\w-]+|\.?\[(?:\d+|'[^']*'|"[^"]*")\])+)|("(?:[^"\\]|\\.)*")|(&&|\|\||!=|<=|>=|[=<>(){}])|((?:[^\s"&|=<>!(){}])+))/y;

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  const reader = new RegExp(TOKEN);
  while (reader.lastIndex < text.length) {
    const token = reader.exec(text)?.[0].trim();
    if (token === undefined) return undefined;
    tokens.push(token);
  }
  return tokens;
}

/**
 * Parses the tokens of a JSON pattern. `&&` comes before `
 * `. Each method returns undefined for syntax that it does not know.
 */
class Reader {
  readonly #tokens: string[];

  constructor(tokens: readonly string[]) {
    this.#tokens = [...tokens];
  }

  whole(): Condition | undefined {
    const condition = this.#accept('{') ? this.#anyOf() : undefined;
    return this.#accept('}') && this.#tokens.length === 0 ? condition : undefined;
  }

  #anyOf(): Condition | undefined {
    const parts = this.#joined('||', () => this.#allOf());
    return parts && ((event) => parts.some((part) => part(event)));
  }

  #allOf(): Condition | undefined {
    const parts = this.#joined('&&', () => this.#term());
    return parts && ((event) => parts.every((part) => part(event)));
  }

  #joined(operator: string, read: () => Condition | undefined): readonly Condition[] | undefined {
    const parts: Condition[] = [];
    do {
      const part = read();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (this.#accept(operator));
    return parts;
  }

  #term(): Condition | undefined {
    if (!this.#accept('(')) return this.#comparison();
    const condition = this.#anyOf();
    return this.#accept(')') ? condition : undefined;
  }

  #comparison(): Condition | undefined {
    const [selector = '', operator = '', value] = this.#tokens.splice(0, 3);
    if (!selector.startsWith('$') || value === undefined) return undefined;
    const path = pathOf(selector);
    const test = testOf(operator, value);
    return test && ((event) => test(valueAt(event, path)));
  }

  #accept(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }
}

function pathOf(selector: string): readonly string[] {
  const steps = selector.matchAll(/\.([\w-]+)|\[(?:(\d+)|'([^']*)'|"([^"]*)")\]/g);
  return [...steps].map(([, ...names]) => names.find((name) => name !== undefined) ?? '');
}

function valueAt(event: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return /^\d+$/.test(step) ? value[Number(step)] : undefined;
    return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, event);
}

type Test = (value: unknown) => boolean;

const WORDS: Readonly<Record<string, Test>> = {
  'IS NULL': (value) => value === null,
  'IS TRUE': (value) => value === true,
  'IS FALSE': (value) => value === false,
  'NOT EXISTS': (value) => value === undefined,
};

const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * Returns the test for an operator and a value. If a selector points to an object or an array, neither `=` nor `!=`
 * matches.
 */
function testOf(operator: string, token: string): Test | undefined {
  const words = WORDS[`${operator} ${token}`];
  if (words !== undefined) return words;
  const wanted = token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, '$1') : token;
  const isEqual = (value: unknown) => isScalar(value) && isLike(value, wanted, token);
  if (operator === '=') return isEqual;
  if (operator === '!=') return (value) => value === undefined || (isScalar(value) && !isEqual(value));
  if (!NUMBER.test(token)) return undefined;
  const compare = COMPARISONS[operator];
  return compare && ((value) => typeof value === 'number' && compare(value, Number(token)));
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '<': (value, limit) => value < limit,
  '>': (value, limit) => value > limit,
  '<=': (value, limit) => value <= limit,
  '>=': (value, limit) => value >= limit,
};

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/**
 * Returns whether a value matches. A star at the beginning or end matches any text. Elsewhere, it is a plain character.
 */
function isLike(value: string | number | boolean, wanted: string, token: string): boolean {
  if (typeof value === 'number' && NUMBER.test(token)) return value === Number(token);
  const text = String(value);
  const [open, shut] = [wanted.startsWith('*'), wanted.length > 1 && wanted.endsWith('*')];
  const core = wanted.slice(open ? 1 : 0, shut ? -1 : undefined);
  if (open && shut) return text.includes(core);
  if (open) return text.endsWith(core);
  return shut ? text.startsWith(core) : text === core;
}
