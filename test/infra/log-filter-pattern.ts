import { isJsonObject } from '../../lib/json.ts';

/**
 * A JSON filter pattern of CloudWatch Logs, as far as this project writes them: `=` and `!=` with quoted texts that may
 * begin or end in `*`, `NOT EXISTS`, `IS TRUE` and `IS FALSE`, `&&`, `||` and parentheses, keys in brackets and single quotes, positions in lists
 * (User Guide, "Filter pattern syntax").
 */
export interface LogFilterPattern {
  /**
   * Returns whether the message matches. `absentIsUnequal` is the result of `!=` for a missing field, which the User Guide
   * leaves open.
   */
  matches(message: string, absentIsUnequal: boolean): boolean;
}

type Condition = (event: unknown, absentIsUnequal: boolean) => boolean;

const TOKEN =
  /\s*(?:(\$(?:\.\w+|\.\['[^']+'\]|\[\d+\])+)|("(?:[^"\\]|\\.)*")|(&&|\|\||!=|=|\(|\)|\{|\})|(NOT EXISTS|IS (?:TRUE|FALSE)))/y;

/**
 * Parses a pattern.
 * @throws if it contains anything else.
 */
export function parseLogFilterPattern(pattern: string): LogFilterPattern {
  const tokens = tokensOf(pattern);
  expect(tokens, '{');
  const condition = anyOf(tokens);
  expect(tokens, '}');
  if (tokens.length > 0) throw new Error(`nothing may follow the closing brace: ${tokens.join(' ')}`);
  return {
    matches(message, absentIsUnequal) {
      const event = parsed(message);
      return isJsonObject(event) && condition(event, absentIsUnequal);
    },
  };
}

function tokensOf(pattern: string): string[] {
  const tokens: string[] = [];
  const text = pattern.trimEnd();
  const reader = new RegExp(TOKEN);
  while (reader.lastIndex < text.length) {
    const at = reader.lastIndex;
    const token = reader.exec(text)?.[0].trim();
    if (token === undefined) throw new Error(`not understood: ${text.slice(at)}`);
    tokens.push(token);
  }
  return tokens;
}

function anyOf(tokens: string[]): Condition {
  const conditions = [allOf(tokens)];
  while (accept(tokens, '||')) conditions.push(allOf(tokens));
  return (event, absent) => conditions.some((condition) => condition(event, absent));
}

function allOf(tokens: string[]): Condition {
  const conditions = [term(tokens)];
  while (accept(tokens, '&&')) conditions.push(term(tokens));
  return (event, absent) => conditions.every((condition) => condition(event, absent));
}

function term(tokens: string[]): Condition {
  if (!accept(tokens, '(')) return comparison(tokens);
  const condition = anyOf(tokens);
  expect(tokens, ')');
  return condition;
}

function comparison(tokens: string[]): Condition {
  const [selector = '', operator = ''] = tokens.splice(0, 2);
  const path = [...selector.matchAll(/\.(\w+)|\['([^']+)'\]|\[(\d+)\]/g)].map(
    ([, ...keys]) => keys.find(Boolean) ?? '',
  );
  if (path.length === 0) throw new Error(`a selector was expected, not ${selector}`);
  if (operator === 'NOT EXISTS') return (event) => valueAt(event, path) === undefined;
  if (operator === 'IS TRUE' || operator === 'IS FALSE')
    return (event) => valueAt(event, path) === (operator === 'IS TRUE');
  const wanted = quoted(tokens.shift());
  if (operator === '=') return (event) => isLike(valueAt(event, path), wanted);
  if (operator !== '!=') throw new Error(`an operator was expected, not ${operator}`);
  return (event, absentIsUnequal) => {
    const value = valueAt(event, path);
    return value === undefined ? absentIsUnequal : !isLike(value, wanted);
  };
}

function quoted(token = ''): string {
  if (!token.startsWith('"')) throw new Error(`a quoted text was expected, not ${token}`);
  return token.slice(1, -1);
}

function isLike(value: unknown, wanted: string): boolean {
  if (typeof value !== 'string') return false;
  if (wanted.endsWith('*')) return value.startsWith(wanted.slice(0, -1));
  return wanted.startsWith('*') ? value.endsWith(wanted.slice(1)) : value === wanted;
}

function valueAt(event: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return (value as readonly unknown[])[Number(key)];
    return isJsonObject(value) ? value[key] : undefined;
  }, event);
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function accept(tokens: string[], token: string): boolean {
  if (tokens[0] !== token) return false;
  tokens.shift();
  return true;
}

function expect(tokens: string[], token: string): void {
  if (!accept(tokens, token)) throw new Error(`${token} was expected, not ${tokens[0] ?? 'the end'}`);
}
