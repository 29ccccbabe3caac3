/** A JSON object from outside: nothing is known of its values. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The non-empty text under `path`, or undefined where any step of it is missing or of another type. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>((at, key) => (isJsonObject(at) ? at[key] : undefined), value);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** What `text` says as JSON, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
