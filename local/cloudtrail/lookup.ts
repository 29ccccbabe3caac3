import { createHmac } from 'node:crypto';
import { isJsonObject, type JsonObject, parseJson } from '../../lib/json.ts';
import { type Refusal, refuse } from './caller.ts';
import { type EventAnswer, type IndexedEvent, indexRecord, type UnindexedReason } from './event.ts';

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

type AttributeKey = (typeof ATTRIBUTE_KEYS)[number];

interface LookupAttribute {
  readonly key: AttributeKey;
  readonly value: string;
}

/** A LookupEvents request that CloudTrail accepts. Times are epoch milliseconds, both ends included. */
interface Lookup {
  readonly kind: 'lookup';
  readonly attribute: LookupAttribute | undefined;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  /** `insight` requests Insights events instead. The stand-in has none. */
  readonly category: 'insight' | undefined;
  /** Events in a page, 1 to 50. */
  readonly maxResults: number;
  readonly nextToken: string | undefined;
}

/**
 * Parses the body of a LookupEvents request (AWS API Reference, LookupEvents). Refuses what AWS refuses, with the same
 * error names.
 */
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

/**
 * Returns the length of a value. `_`, space, comma and line feed count as two characters (AWS API Reference,
 * LookupAttribute).
 */
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

/** The part of the event history that a caller sees at a time. */
interface View {
  /** The account whose records are visible; absent, all accounts. */
  readonly accountId: string | undefined;
  readonly region: string;
  /** The time in epoch milliseconds. */
  readonly now: number;
  /** Returns the milliseconds from an event's `eventTime` until it is visible. */
  readonly deliveryDelay: (event: HistoryEvent) => number;
}

/** The body of a LookupEvents response. */
export interface Page {
  readonly kind: 'page';
  readonly Events: readonly EventAnswer[];
  readonly NextToken: string | undefined;
}

const NINETY_DAYS = 90 * 24 * 60 * 60 * 1000;

/**
 * Returns one page of the events that are visible in `view` and match `lookup`. `events` are those with its attribute,
 * newest first. The page of a NextToken starts after the last event of the previous page, so events that arrive in
 * between do not shift it.
 */
export function pageOf(
  events: readonly HistoryEvent[],
  lookup: Lookup,
  view: View,
  tokens: NextTokens,
): Page | Refusal {
  const bound = JSON.stringify([view.accountId, view.region, { ...lookup, nextToken: undefined }]);
  const after = lookup.nextToken === undefined ? undefined : tokens.open(lookup.nextToken, bound);
  if (lookup.nextToken !== undefined && after === undefined) return INVALID_TOKEN;
  const found = events
    .filter(
      (event) =>
        after === undefined ||
        event.time < after.time ||
        (event.time === after.time && event.sequence < after.sequence),
    )
    .filter((event) => isVisible(event, view) && isAskedFor(event, lookup));
  const page = found.slice(0, lookup.maxResults);
  const last = found.length > page.length ? page.at(-1) : undefined;
  return {
    kind: 'page',
    Events: page.map(({ answer }) => answer),
    NextToken: last === undefined ? undefined : tokens.seal({ time: last.time, sequence: last.sequence }, bound),
  };
}

const INVALID_TOKEN = refuse(
  'InvalidNextTokenException',
  'The token is not valid, or was previously used in a request with different parameters.',
);

/** Returns whether an event is visible: of the Region and account, of the last 90 days, and delivered (FACTS). */
function isVisible(event: HistoryEvent, view: View): boolean {
  return (
    event.region === view.region &&
    (view.accountId === undefined || event.accountId === view.accountId) &&
    event.time >= view.now - NINETY_DAYS &&
    event.time + view.deliveryDelay(event) <= view.now
  );
}

/** Returns whether an event matches the look-up, except for its attribute. */
function isAskedFor(event: HistoryEvent, lookup: Lookup): boolean {
  return (
    lookup.category === undefined &&
    (lookup.startTime === undefined || event.time >= lookup.startTime) &&
    (lookup.endTime === undefined || event.time <= lookup.endTime)
  );
}

/** A place in the event history: that of a page's last event. */
interface Position {
  /** The time in epoch milliseconds. */
  readonly time: number;
  readonly sequence: number;
}

/**
 * Creates and reads NextTokens. A token is valid only for the parameters of its request, and so for one account and
 * Region (FACTS).
 */
export interface NextTokens {
  seal(position: Position, bound: string): string;
  /** Returns the position; undefined if the token was not issued here or was issued for other parameters. */
  open(token: string, bound: string): Position | undefined;
}

export function createNextTokens(secret: string): NextTokens {
  const sign = (payload: string, bound: string): string =>
    createHmac('sha256', secret).update(`${payload}\n${bound}`).digest('base64url');
  return {
    seal(position, bound) {
      const payload = Buffer.from(JSON.stringify(position)).toString('base64url');
      return `${payload}.${sign(payload, bound)}`;
    },
    open(token, bound) {
      const [payload = '', signature] = token.split('.');
      return signature === sign(payload, bound) ? readPosition(payload) : undefined;
    },
  };
}

function readPosition(payload: string): Position | undefined {
  const parsed = parseJson(Buffer.from(payload, 'base64url').toString());
  const position = parsed.ok ? parsed.value : undefined;
  if (!isJsonObject(position)) return undefined;
  const { time, sequence } = position;
  return typeof time === 'number' && typeof sequence === 'number' ? { time, sequence } : undefined;
}

/** An event with its place among events of the same time. Later arrivals have higher numbers, which do not change. */
export interface HistoryEvent extends IndexedEvent {
  readonly sequence: number;
}

/** A record that the history does not store, with the reason. */
export interface UnkeptEvents {
  /** Index among the added records, from 0. */
  readonly index: number;
  readonly reason: UnindexedReason;
}

/** The event history of all accounts and Regions of the stand-in. */
export interface EventHistory {
  /** Adds records. A record that exists already is ignored, since CloudTrail shows an event once. */
  add(records: readonly unknown[]): readonly UnkeptEvents[];
  /** Returns all events, or those with the attribute. Values are compared whole and case-sensitively. */
  newestFirst(attribute?: LookupAttribute): readonly HistoryEvent[];
}

export function createEventHistory(seed: string): EventHistory {
  const byIdentity = new Map<string, HistoryEvent>();
  let ordered: readonly HistoryEvent[] | undefined;
  const byAttribute = new Map<AttributeKey, ReadonlyMap<string, readonly HistoryEvent[]>>();
  const newestFirst = () => {
    ordered ??= [...byIdentity.values()].sort((a, b) => b.time - a.time || b.sequence - a.sequence);
    return ordered;
  };
  const keep = (event: IndexedEvent): void => {
    if (byIdentity.has(event.identity)) return;
    byIdentity.set(event.identity, { ...event, sequence: byIdentity.size });
    ordered = undefined;
    byAttribute.clear();
  };
  return {
    add(records) {
      return records.flatMap((record, index) => {
        const event = indexRecord(record, seed);
        if (typeof event === 'string') return [{ index, reason: event }];
        keep(event);
        return [];
      });
    },
    newestFirst(attribute) {
      if (attribute === undefined) return newestFirst();
      const { key, value } = attribute;
      const events = byAttribute.get(key) ?? byValue(newestFirst(), key);
      byAttribute.set(key, events);
      return events.get(value) ?? [];
    },
  };
}

function byValue(events: readonly HistoryEvent[], key: AttributeKey): Map<string, HistoryEvent[]> {
  const found = new Map<string, HistoryEvent[]>();
  for (const event of events) {
    for (const value of new Set(valuesOf(event.answer, key))) {
      const those = found.get(value) ?? [];
      those.push(event);
      found.set(value, those);
    }
  }
  return found;
}

/** Returns an event's values of a look-up attribute (CloudTrail User Guide, "Viewing recent management events"). */
function valuesOf(answer: EventAnswer, key: AttributeKey): readonly string[] {
  if (key === 'ResourceName' || key === 'ResourceType')
    return answer.Resources.flatMap((resource) => resource[key] ?? []);
  return [answer[key]].filter((value) => value !== undefined);
}
