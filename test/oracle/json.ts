export type JsonObject = { readonly [key: string]: unknown };

export function object(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a text. An empty one counts as missing: AssumedRole callers may have `accessKeyId: ""`. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Returns the object without its undefined fields. */
export function present<T extends object>(fields: Loose<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
