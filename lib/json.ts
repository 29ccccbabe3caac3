/** A JSON object from outside. Its values must be narrowed before use. */
export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the object at `key`. Undefined if there is none, or if it has another type. */
export function objectAt(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = object?.[key];
  return isJsonObject(value) ? value : undefined;
}

/** Returns the string at `key`, even an empty one. Undefined if there is none, or if it has another type. */
export function textAt(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key];
  return typeof value === 'string' ? value : undefined;
}

/** Returns the string at `key`. Undefined if it is empty, because CloudTrail writes `""` for missing values. */
export function filledTextAt(object: JsonObject | undefined, key: string): string | undefined {
  return textAt(object, key) || undefined;
}

export function listAt(object: JsonObject | undefined, key: string): readonly unknown[] | undefined {
  const value = object?.[key];
  return Array.isArray(value) ? value : undefined;
}

/** Returns the strings in the array at `key`. Undefined if there is no array. */
export function textsAt(object: JsonObject | undefined, key: string): readonly string[] | undefined {
  const list = listAt(object, key);
  return list?.every(isText) ? list : list?.filter(isText);
}

function isText(entry: unknown): entry is string {
  return typeof entry === 'string';
}

/**
 * Parses JSON. Returns an error instead of throwing it. Keys named `__proto__` become ordinary properties (ECMA-262,
 * CreateDataProperty).
 */
export function parseJson(text: string): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** A type whose optional fields can also be undefined, which JSON leaves out. Building it costs less than `present`. */
export type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Returns a copy without the fields that are undefined. In a record, a field without a value is absent. */
export function present<T extends object>(fields: Loose<T>): T {
  const result: Partial<T> = {};
  for (const key in fields) if (fields[key] !== undefined) result[key] = fields[key];
  return result as T;
}

/** Returns whether two values are the same JSON. The order of keys does not matter, because a store may change it. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) return areSameLists(one, other);
  const [ones, others] = [keysIn(one), keysIn(other)];
  return (
    ones.length === others.length && ones.every((key) => isSameJson(Reflect.get(one, key), Reflect.get(other, key)))
  );
}

function areSameLists(one: object, other: object): boolean {
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((entry, at) => isSameJson(entry, other[at]));
}

/** Returns the keys of a table's rows, in their order. */
export function keysOf<T extends object>(table: T): readonly (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}

/** Returns the keys whose values JSON does not leave out. */
function keysIn(object: object): readonly string[] {
  return Object.keys(object).filter((key) => Reflect.get(object, key) !== undefined);
}
