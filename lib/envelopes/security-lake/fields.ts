import { isJsonObject, type JsonObject, objectAt } from '../../json.ts';
import { epochMillis, formatInstant } from '../../time.ts';

/** An object that is being made. A client may choose its keys. */
export type Fields = { [key: string]: unknown };

/** Returns an object without a prototype, so that `__proto__` is an ordinary key. */
export function newFields(): Fields {
  return Object.create(null) as Fields;
}

/**
 * Returns the texts of `unmapped`, by flattened names (`user.extra.arn[]`). Security Lake writes a map of texts. In
 * JSON, it can also have objects and lists, which are flattened here.
 */
export function unmappedTexts(event: JsonObject): ReadonlyMap<string, string> {
  return new Map(flattened(objectAt(event, 'unmapped') ?? {}, '', DEEPEST));
}

function flattened(object: JsonObject, prefix: string, levels: number): readonly (readonly [string, string])[] {
  return Object.entries(object).flatMap(([key, value]): readonly (readonly [string, string])[] => {
    const name = `${prefix}${key}`;
    if (typeof value === 'string') return [[name, value]];
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'string'))
      return [[`${name}[]`, value.join(',')]];
    return isJsonObject(value) && levels > 1 ? flattened(value, `${name}.`, levels - 1) : [];
  });
}

/** Limits the depth. No field of CloudTrail that is read is as deep. */
const DEEPEST = 8;

/**
 * Reverses the flattening of the names below `prefix` (`userIdentity.`). Names that have dots themselves become deeper
 * than they were.
 */
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

/** Merges the fields of both objects at every depth. If both have a field, `first` counts. */
export function merged(first: JsonObject, second: JsonObject | undefined): Fields {
  const all: Fields = Object.assign(newFields(), second);
  for (const [key, value] of Object.entries(first)) {
    const other = all[key];
    if (value !== undefined) all[key] = isJsonObject(value) && isJsonObject(other) ? merged(value, other) : value;
  }
  return all;
}

/**
 * The smallest number of milliseconds. Smaller numbers are seconds, because as milliseconds they would be before 1973.
 */
const LEAST_MILLIS = 1e11;
/** The largest time of a Date, in milliseconds. */
const LATEST = 8.64e15;

/**
 * Returns a time as RFC 3339. The values are timestamps in text or in milliseconds (a `bigint` in Parquet), and the
 * first usable one counts.
 */
export function timeText(...values: readonly unknown[]): string | undefined {
  for (const value of values) {
    if (typeof value === 'string' && value !== '') return value;
    const millis = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : Number.NaN;
    if (millis >= LEAST_MILLIS && millis <= LATEST) return formatInstant(epochMillis(millis));
  }
  return undefined;
}
