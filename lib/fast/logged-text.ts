import { parseJson } from '../json.ts';

/**
 * JSON texts within a JSON text, as a subscription's payload has its messages: quotes and backslashes of the message stand
 * there behind a backslash each. Patterns of what a message may hold, for a regular expression over the payload.
 */

const QUOTE = String.raw`\\"`;
const CHARS = String.raw`[^"\\\u0000-\u001f\ud800-\udfff]*`;
/** What the message has behind a backslash, which are two here. */
const ESCAPE = String.raw`\\\\(?:\\["\\]|[bfnrtu/])`;

/** A text of which nothing is read. */
export const ANY_TEXT = QUOTE + CHARS + QUOTE;
/** A text without escapes: one group, which has it as it is. */
export const PLAIN_TEXT = `${QUOTE}(${CHARS})${QUOTE}`;
/** A text: a group that has it for `unescaped`, and a second one that is there where it has escapes. */
export const TEXT = `${QUOTE}(${CHARS}(${ESCAPE}${CHARS})*)${QUOTE}`;
/** An object with at most objects of texts and numbers in it: a group that has it for `valueIn`, if it is JSON. */
export const OBJECT = String.raw`(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})`;
/** A list without lists or objects in it: likewise. */
export const LIST = String.raw`(\[[^\[\]{}]*\])`;

/** The words of the message, as they stand in a pattern of the payload. */
export function words(json: string): string {
  return json.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('"', QUOTE);
}

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
