import { parseJson } from '../json.ts';

/**
 * JSON texts within a JSON text, as a subscription's payload has its messages: quotes and backslashes of the message stand
 * there behind a backslash each.
 */

/** What a text with escapes says; undefined where it is none. */
export function unescaped(text: string): string | undefined {
  const value = valueIn(`\\"${text}\\"`);
  return typeof value === 'string' ? value : undefined;
}

/** The value of which the message's JSON stands in the payload; undefined where it is no JSON. */
export function valueIn(piece: string): unknown {
  const json = parseJson(`"${piece}"`);
  const value = json.ok && typeof json.value === 'string' ? parseJson(json.value) : undefined;
  return value?.ok ? value.value : undefined;
}
