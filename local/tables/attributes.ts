import type { Item } from '../../lib/adapters/dynamodb/requests.ts';

/**
 * A value under the letter of its type, as in DynamoDB's JSON; bytes are base64. Source: DynamoDB Developer Guide,
 * "Low-level API".
 */
export type Attribute =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly B: string }
  | { readonly L: readonly Attribute[] }
  | { readonly M: Attributes };

export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * Converts an item as the document client does with `removeUndefinedValues`.
 * @throws TypeError for values that the document client would convert differently or not at all. The stores have none.
 */
export function attributesOf(item: object): Attributes {
  const attributes: Record<string, Attribute> = {};
  for (const name of Object.keys(item)) {
    const value: unknown = Reflect.get(item, name);
    if (value !== undefined) attributes[name] = attributeOf(value);
  }
  return attributes;
}

function attributeOf(value: unknown): Attribute {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.filter((each) => each !== undefined).map(attributeOf) };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (typeof value === 'object' && isPlain(value)) return { M: attributesOf(value) };
  throw new TypeError(`A value of type ${typeof value} cannot be an attribute of an item.`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Converts attributes as the document client does. */
export function itemOf(attributes: Attributes): Item {
  const item: Record<string, unknown> = {};
  for (const name of Object.keys(attributes)) {
    const attribute = attributes[name];
    if (attribute !== undefined) item[name] = plainOf(attribute);
  }
  return item;
}

function plainOf(attribute: Attribute): unknown {
  if ('S' in attribute) return attribute.S;
  if ('N' in attribute) return Number(attribute.N);
  if ('M' in attribute) return itemOf(attribute.M);
  if ('L' in attribute) return attribute.L.map(plainOf);
  if ('BOOL' in attribute) return attribute.BOOL;
  if ('B' in attribute) return Uint8Array.from(Buffer.from(attribute.B, 'base64'));
  return null;
}
