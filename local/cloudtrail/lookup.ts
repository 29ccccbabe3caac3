import { isJsonObject, type JsonObject } from './json.ts';
import { type Refusal, refuse } from './refusal.ts';

const ATTRIBUTE_KEYS = [
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
] as const;

export type AttributeKey = (typeof ATTRIBUTE_KEYS)[number];

export interface LookupAttribute {
  readonly key: AttributeKey;
  readonly value: string;
}

/** A LookupEvents request that CloudTrail accepts. Times are epoch milliseconds, both ends included. */
export interface Lookup {
  readonly kind: 'lookup';
  readonly attribute: LookupAttribute | undefined;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  /** `insight` asks for Insights events instead, of which the stand-in has none. */
  readonly category: 'insight' | undefined;
  /** Events a page, 1 to 50. */
  readonly maxResults: number;
  readonly nextToken: string | undefined;
}

/** Reads the body of a LookupEvents request (AWS API Reference, LookupEvents); refuses what AWS refuses, by its names. */
export function readLookup(body: unknown): Lookup | Refusal {
  if (!isJsonObject(body)) return SERIALIZATION;
  const attribute = readAttribute(body.LookupAttributes);
  if (isRefusal(attribute)) return attribute;
  const range = readTimeRange(body);
  if (isRefusal(range)) return range;
  const maxResults = readMaxResults(body.MaxResults ?? 50);
  if (typeof maxResults !== 'number') return maxResults;
  const category = body.EventCategory ?? undefined;
  if (category !== undefined && category !== 'insight') return INVALID_CATEGORY;
  const nextToken = body.NextToken ?? undefined;
  if (nextToken !== undefined && typeof nextToken !== 'string') return SERIALIZATION;
  return { kind: 'lookup', attribute, ...range, category, maxResults, nextToken };
}

function readMaxResults(given: unknown): number | Refusal {
  if (typeof given !== 'number') return SERIALIZATION;
  return Number.isInteger(given) && given >= 1 && given <= 50 ? given : INVALID_MAX_RESULTS;
}

const SERIALIZATION = refuse('SerializationException', 'The request body could not be read.');
const INVALID_MAX_RESULTS = refuse(
  'InvalidMaxResultsException',
  'The specified MaxResults value is not valid. Specify 1 through 50.',
);
const INVALID_CATEGORY = refuse('InvalidEventCategoryException', 'The specified event category is not valid.');
const START_AFTER_END = refuse('InvalidTimeRangeException', 'The start time must be before or at the end time.');

function isRefusal(value: object | undefined): value is Refusal {
  return value !== undefined && 'kind' in value && value.kind === 'refusal';
}

function readAttribute(given: unknown): LookupAttribute | Refusal | undefined {
  if (given === undefined || given === null) return undefined;
  if (!Array.isArray(given)) return SERIALIZATION;
  if (given.length > 1) return invalidAttribute('Only one lookup attribute can be specified.');
  const entry: unknown = given[0];
  if (entry === undefined) return undefined;
  if (!isJsonObject(entry)) return SERIALIZATION;
  const key = ATTRIBUTE_KEYS.find((known) => known === entry.AttributeKey);
  if (key === undefined) return invalidAttribute(`The attribute key must be one of ${ATTRIBUTE_KEYS.join(', ')}.`);
  const value = entry.AttributeValue;
  if (typeof value !== 'string' || value === '') return invalidAttribute('The attribute value is missing.');
  if (lengthOf(value) > 2000) return invalidAttribute('The attribute value is longer than 2000 characters.');
  return { key, value };
}

/** AWS API Reference, LookupAttribute: `_`, space, comma and line feed count as two characters. */
function lengthOf(value: string): number {
  return value.length + (value.match(/[_ ,\n]/g)?.length ?? 0);
}

function invalidAttribute(message: string): Refusal {
  return refuse('InvalidLookupAttributesException', message);
}

function readTimeRange(body: JsonObject): Pick<Lookup, 'startTime' | 'endTime'> | Refusal {
  const start = body.StartTime ?? undefined;
  const end = body.EndTime ?? undefined;
  if ((start !== undefined && typeof start !== 'number') || (end !== undefined && typeof end !== 'number')) {
    return SERIALIZATION;
  }
  if (start !== undefined && end !== undefined && start > end) return START_AFTER_END;
  return { startTime: milliseconds(start), endTime: milliseconds(end) };
}

function milliseconds(epochSeconds: number | undefined): number | undefined {
  return epochSeconds === undefined ? undefined : Math.round(epochSeconds * 1000);
}
