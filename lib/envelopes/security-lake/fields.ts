import { isJsonObject, type JsonObject, objectAt } from '../../json.ts';
import { epochMillis, formatInstant } from '../../time.ts';

/** An object that is being put together; its keys may be anything that a client chose. */
export type Fields = { [key: string]: unknown };

/** One without a prototype, so that `__proto__` is a key like any other. */
export function newFields(): Fields {
  return Object.create(null) as Fields;
}

/** The texts of `unmapped`, a map from flattened names (`user.extra.arn[]`) to texts. */
export function unmappedTexts(event: JsonObject): ReadonlyMap<string, string> {
  const entries = Object.entries(objectAt(event, 'unmapped') ?? {});
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Deeper than any field of CloudTrail's that is read. */
const DEEPEST = 8;

/** Undoes the flattening of the names below `prefix` (`userIdentity.`): names with dots in them become deeper than they were. */
export function nestedBelow(prefix: string, flat: ReadonlyMap<string, string>): Fields | undefined {
  const root = newFields();
  let some = false;
  for (const [name, value] of flat) {
    if (!name.startsWith(prefix)) continue;
    const path = name.slice(prefix.length).split('.');
    if (path.length > DEEPEST) continue;
    some = setAt(root, path, value) || some;
  }
  return some ? root : undefined;
}

function setAt(root: Fields, path: readonly string[], value: string): boolean {
  let at = root;
  for (const key of path.slice(0, -1)) {
    const next = at[key] ?? newFields();
    if (!isJsonObject(next)) return false;
    at[key] = next;
    at = next as Fields;
  }
  at[path.at(-1) ?? ''] = value;
  return true;
}

/** Both objects' fields, deep; where both have one, that of `first`. */
export function merged(first: JsonObject, second: JsonObject | undefined): Fields {
  const all: Fields = Object.assign(newFields(), second);
  for (const [key, value] of Object.entries(first)) {
    const other = all[key];
    if (value !== undefined) all[key] = isJsonObject(value) && isJsonObject(other) ? merged(value, other) : value;
  }
  return all;
}

/** Below, a number of milliseconds is one of seconds: 1973. */
const LEAST_MILLIS = 1e11;
/** What a Date can hold. */
const LATEST = 8.64e15;

/** A time as RFC 3339: of a timestamp that is a text already, else of milliseconds (a `bigint` in Parquet). */
export function timeText(...values: readonly unknown[]): string | undefined {
  for (const value of values) {
    if (typeof value === 'string' && value !== '') return value;
    const millis = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : Number.NaN;
    if (millis >= LEAST_MILLIS && millis <= LATEST) return formatInstant(epochMillis(millis));
  }
  return undefined;
}
