import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { OCSF_VERSIONS, type OcsfVersion } from '../../lib/ocsf/event.ts';

/** One attribute as the schema defines it; `type` names a scalar or one of the extract's objects. */
interface Attribute {
  readonly type: string;
  readonly array?: boolean;
  readonly requirement?: 'required' | 'recommended';
  readonly profile?: string;
  readonly deprecated?: string;
  readonly enum?: Readonly<Record<string, string>>;
  /** The attribute that has the enumeration's words. */
  readonly sibling?: string;
}

interface Shape {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly constraints?: { readonly at_least_one?: readonly string[] };
}

interface Scalar {
  readonly type?: string;
  readonly regex?: string;
  readonly max_len?: number;
  readonly range?: readonly [number, number];
}

interface Schema {
  readonly version: string;
  readonly profiles: readonly string[];
  readonly class: Shape;
  readonly objects: Readonly<Record<string, Shape>>;
  readonly types: Readonly<Record<string, Scalar>>;
}

const SCHEMAS = new Map(OCSF_VERSIONS.map((version) => [String(version), readSchema(version)]));

/** Returns the class API Activity and its objects, as the schema of this version defines them. */
export function readSchema(version: OcsfVersion): Schema {
  return JSON.parse(readFileSync(new URL(`schema-${version}.json`, import.meta.url), 'utf8')) as Schema;
}

/** The rules for a value: the schema of the version that the event states, and its profiles. */
interface Measure {
  readonly schema: Schema;
  readonly profiles: readonly string[];
}

/** Returns everything in the event that does not fit the class API Activity in the schema of its version. */
export function schemaFlaws(event: unknown): string[] {
  if (!isJsonObject(event)) return ['no object'];
  const { profiles, version } = isJsonObject(event.metadata) ? event.metadata : {};
  const schema = SCHEMAS.get(String(version));
  if (schema === undefined) return [`metadata.version: there is no schema ${String(version)}`];
  const active = Array.isArray(profiles) ? profiles.map(String) : [];
  const unknown = active.filter((profile) => !schema.profiles.includes(profile));
  return [
    ...unknown.map((profile) => `metadata.profiles: the class has no profile ${profile}`),
    ...objectFlaws(event, schema.class, '', { schema, profiles: active }),
  ];
}

function objectFlaws(object: JsonObject, shape: Shape, place: string, measure: Measure): string[] {
  const isActive = ({ profile }: Attribute) => profile === undefined || measure.profiles.includes(profile);
  const missing = Object.entries(shape.attributes)
    .filter(([name, attribute]) => attribute.requirement === 'required' && isActive(attribute) && !(name in object))
    .map(([name]) => `${place}${name}: required and missing`);
  const anyOf = shape.constraints?.at_least_one;
  const constraint = anyOf?.some((name) => name in object) === false ? [`${place}: none of ${anyOf.join(', ')}`] : [];
  const wrong = Object.entries(object).flatMap(([name, value]) => {
    const attribute = Object.hasOwn(shape.attributes, name) ? shape.attributes[name] : undefined;
    if (attribute === undefined) return [`${place}${name}: not in the schema`];
    if (!isActive(attribute)) return [`${place}${name}: its profile ${attribute.profile} is not stated`];
    if (attribute.deprecated !== undefined) return [`${place}${name}: deprecated since ${attribute.deprecated}`];
    const sibling = siblingFlaw(object, attribute, value);
    return [
      ...attributeFlaws(value, attribute, `${place}${name}`, measure),
      ...(sibling === undefined ? [] : [`${place}${attribute.sibling}: ${sibling}`]),
    ];
  });
  return [...missing, ...constraint, ...wrong];
}

/** Returns what is wrong if a number other than 99 is not beside the enumeration's own word for it. */
function siblingFlaw(object: JsonObject, { enum: words, sibling }: Attribute, value: unknown): string | undefined {
  if (words === undefined || sibling === undefined || !(sibling in object) || value === 99) return undefined;
  const word = words[String(value)];
  return object[sibling] === word ? undefined : `${String(object[sibling])} beside ${String(value)}, which is ${word}`;
}

function attributeFlaws(value: unknown, attribute: Attribute, place: string, measure: Measure): string[] {
  if (attribute.array !== true) return valueFlaws(value, attribute, place, measure);
  if (!Array.isArray(value)) return [`${place}: no array`];
  return value.flatMap((entry: unknown, at) => valueFlaws(entry, attribute, `${place}[${at}]`, measure));
}

function valueFlaws(value: unknown, attribute: Attribute, place: string, measure: Measure): string[] {
  const { type, enum: words } = attribute;
  const { objects, types } = measure.schema;
  const shape = objects[type];
  if (shape !== undefined) {
    return isJsonObject(value) ? objectFlaws(value, shape, `${place}.`, measure) : [`${place}: no object`];
  }
  const scalar = types[type];
  if (scalar === undefined && type !== 'object') return [`${place}: the extract has no ${type}`];
  const flaws = scalar === undefined ? (isJsonObject(value) ? [] : ['no object']) : scalarFlaws(value, type, types);
  if (words !== undefined && !Object.hasOwn(words, String(value))) flaws.push(`${String(value)} is not enumerated`);
  return flaws.map((flaw) => `${place}: ${flaw}`);
}

function scalarFlaws(value: unknown, name: string, types: Schema['types']): string[] {
  const { type, regex, max_len, range } = types[name] ?? {};
  const base = type ?? name;
  if (base === 'json_t') return value === undefined ? ['no JSON'] : [];
  if (base === 'boolean_t') return typeof value === 'boolean' ? [] : ['no boolean'];
  if (base === 'long_t' || base === 'integer_t') return numberFlaws(value, range);
  return textFlaws(value, max_len ?? types[base]?.max_len, regex);
}

function textFlaws(value: unknown, longest = Number.POSITIVE_INFINITY, regex = ''): string[] {
  if (typeof value !== 'string') return ['no text'];
  if (value.length > longest) return [`longer than ${longest}`];
  return new RegExp(regex).test(value) ? [] : [`${value} does not fit its pattern`];
}

function numberFlaws(value: unknown, range: Scalar['range']): string[] {
  if (!Number.isSafeInteger(value)) return ['no whole number'];
  const [least, most] = range ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  return Number(value) >= least && Number(value) <= most ? [] : ['out of range'];
}
