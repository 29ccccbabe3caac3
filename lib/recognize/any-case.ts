import { isJsonObject, type JsonObject } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import { statedTime } from './written-times.ts';

/**
 * Returns the value of the field with this name, in any letter case: `SourceIps` (API), `sourceIps` and `sourceIPs`
 * (EventBridge). If a field has exactly this name, its value is returned.
 */
export function anyAt(object: JsonObject | undefined, key: string): unknown {
  if (object === undefined) return undefined;
  if (Object.hasOwn(object, key)) return object[key];
  const wanted = key.toLowerCase();
  const name = Object.keys(object).find((each) => each.length === wanted.length && each.toLowerCase() === wanted);
  return name === undefined ? undefined : object[name];
}

/** Returns the object at the end of the path. Field names match in any letter case. */
export function objectIn(object: JsonObject | undefined, ...path: readonly string[]): JsonObject | undefined {
  let value: unknown = object;
  for (const key of path) value = isJsonObject(value) ? anyAt(value, key) : undefined;
  return isJsonObject(value) ? value : undefined;
}

/** Returns the text of a field, cut to `LONGEST` characters. Undefined if there is none or it is empty. */
export function textIn(object: JsonObject | undefined, key: string): string | undefined {
  const value = anyAt(object, key);
  return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST) : undefined;
}

const LONGEST = 4_096;

/** Returns the texts of a list. A single text counts as a list of one. Only the last 64 are kept; fewer are shown. */
export function textsIn(object: JsonObject | undefined, key: string): readonly string[] | undefined {
  const value = anyAt(object, key);
  if (typeof value === 'string' && value !== '') return [value.slice(0, LONGEST)];
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((entry): entry is string => typeof entry === 'string' && entry !== '').slice(-64);
  return texts.length === 0 ? undefined : texts;
}

export function objectsIn(object: JsonObject | undefined, key: string): readonly JsonObject[] {
  const value = anyAt(object, key);
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Returns the whole number of a field. Security Hub writes numbers as texts. */
export function wholeIn(object: JsonObject | undefined, key: string): number | undefined {
  const value = anyAt(object, key);
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** Returns the time of a field. It is written in RFC 3339, or as the number of seconds, milli-, micro- or nanoseconds since 1970. */
export function timeIn(object: JsonObject | undefined, key: string): EpochMillis | undefined {
  const value = anyAt(object, key);
  return typeof value === 'string' || typeof value === 'number' ? statedTime(String(value)) : undefined;
}
