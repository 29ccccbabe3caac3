import { isJsonObject } from '../../json.ts';

/**
 * DynamoDB's attributes, `{ "S": "…" }`, as values and the other way, where both say exactly the same; undefined of anything else:
 * of sets, of numbers that are not exact as JavaScript's, of what is no attribute at all.
 */
export type Conversion = (value: unknown) => unknown;

/** A text, a number or a truth: what keys and the values of a query are. */
export function attributeOf(value: unknown): unknown {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { N: String(value) } : undefined;
  return typeof value === 'boolean' ? { BOOL: value } : undefined;
}

/** What a text, a number and so on are written as; sets are none of them. */
const READERS: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  ['S', (value) => (typeof value === 'string' ? value : undefined)],
  ['N', (value) => (typeof value === 'string' ? numberOf(value) : undefined)],
  ['M', (value) => plainsOf(value)],
  ['L', (value) => plainList(value)],
  ['BOOL', (value) => (typeof value === 'boolean' ? value : undefined)],
  ['B', (value) => (typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'base64')) : undefined)],
  ['NULL', () => null],
]);

export function plainOf(attribute: unknown): unknown {
  if (!isJsonObject(attribute)) return undefined;
  const [type = '', ...others] = Object.keys(attribute);
  return others.length === 0 ? READERS.get(type)?.(attribute[type]) : undefined;
}

/** One beyond these the SDK does not take for a number of JavaScript's either. */
function numberOf(text: string): number | undefined {
  const value = Number(text);
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

export const attributesOf: Conversion = eachOf(attributeOf);
export const plainsOf: Conversion = eachOf(plainOf);
const plainList: Conversion = listOf(plainOf);

/** Each value of an object; undefined where one has none. */
export function eachOf(conversion: Conversion): Conversion {
  return (value) => {
    if (!isJsonObject(value)) return undefined;
    const all: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const converted = name === '__proto__' ? undefined : conversion(value[name]);
      if (converted === undefined) return undefined;
      all[name] = converted;
    }
    return all;
  };
}

/** Each entry of a list; undefined where one has none. */
export function listOf(conversion: Conversion): Conversion {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const all = value.map(conversion);
    return all.includes(undefined) ? undefined : all;
  };
}

/** An object of which some fields are converted, where they are there; undefined where one of those has none. */
export function fieldsOf(conversions: Readonly<Record<string, Conversion>>): Conversion {
  return (value) => {
    if (!isJsonObject(value)) return undefined;
    const all: Record<string, unknown> = { ...value };
    for (const name in conversions) {
      if (all[name] === undefined) continue;
      const converted = conversions[name]?.(all[name]);
      if (converted === undefined) return undefined;
      all[name] = converted;
    }
    return all;
  };
}
