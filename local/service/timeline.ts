import { constants, gzipSync } from 'node:zlib';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import type { LeftOut } from '../../lib/envelopes/unwrap.ts';
import { clusterRef, clusterText, fieldsOfKey, isClusterKey } from '../../lib/identity/cluster.ts';
import { isJsonObject, type JsonObject, textAt } from '../../lib/json.ts';
import type { RecordSource, RejectedPiece } from '../../lib/ports/input.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { type EpochMillis, epochMillis, HOUR, MINUTE, parseInstant } from '../../lib/time.ts';
import { increment } from '../../lib/usecases/counting/run-counts.ts';
import { exchangedKinds } from '../../lib/words/exchanged-kinds.ts';

/** A delivery to the service at a time: a subscription's payload, or CloudTrail records. */
export type Arrival =
  | {
      readonly kind: 'audit';
      readonly at: EpochMillis;
      /**
       * Returns the subscription's payload, `awslogs.data`. It is made on demand, since all payloads would fill the
       * memory.
       */
      data(): string;
      readonly events: number;
      readonly cluster: string;
    }
  | { readonly kind: 'trail'; readonly at: EpochMillis; readonly envelopes: readonly object[] };

export interface Timeline {
  /** Deliveries in the order of their times. */
  readonly arrivals: readonly Arrival[];
  /** Length of a stretch of time in milliseconds. Everything in a stretch arrives at its end. */
  readonly stretch: number;
  readonly trail: readonly JsonObject[];
  readonly rejected: readonly RejectedPiece[];
  /** Readable pieces that were left out, by reason. */
  readonly ignored: ReadonlyMap<LeftOut, number>;
}

/** The delays of deliveries. Audit events reach a subscriber within minutes, CloudTrail's records some minutes later (FACTS). */
const AUDIT_DELAY = 1 * MINUTE;
export const TRAIL_DELAY = 5 * MINUTE;
/**
 * The lengths that a stretch can have. The shortest one that gives few stretches is used, since each stretch costs its
 * deliveries and a run of settle.
 */
const STRETCHES = [5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR] as const;
/** Number of stretches of five minutes in a day. */
const FEW = 288;
const MOST_EVENTS = 500;
const MOST_ENVELOPES = 100; // The size of a batch of the queue (infra/functions.ts).

/**
 * Arranges the contents of the files as deliveries: audit events by cluster and stretch of time, CloudTrail's records
 * later. Audit events with a readable time are included if they are in the range; all grants are included. Longer logs
 * are delivered in longer stretches, for example by the hour for a week. The answers are the same, with fewer lines of
 * progress.
 */
export async function timelineOf(
  audit: RecordSource,
  cloudtrail: RecordSource,
  now: EpochMillis,
  range: TimeRange = {},
): Promise<Timeline> {
  const rejected: RejectedPiece[] = [];
  const events: Piece<string>[] = [];
  const trail: JsonObject[] = [];
  const leftOut = new Map<LeftOut, number>();
  const ignored = (what: LeftOut) => increment(leftOut, what);
  const nothing = () => undefined;
  const timeAt = orAsBefore(now);
  const reject = (piece: RejectedPiece) => rejected.push(piece);
  await audit.read(
    {
      audit: (event, site) => {
        const at = timeOf(event);
        const name = clusterText(site);
        if (isIn(range, at)) events.push({ name, at: timeAt(at), piece: JSON.stringify(withoutDepths(event)) });
        else ignored('out-of-range');
      },
      trail: () => ignored('cloudtrail-record'),
      ignored,
      reject,
    },
    nothing,
  );
  await cloudtrail.read(
    { audit: () => ignored('audit-event'), trail: (record) => trail.push(withoutDepths(record)), ignored, reject },
    nothing,
  );
  const stretch = stretchOf(events);
  const arrivals = [...auditArrivals(events, stretch), ...trailArrivals(trail, now, stretch)];
  return { arrivals: arrivals.sort((a, b) => a.at - b.at), stretch, trail, rejected, ignored: leftOut };
}

/** Returns a sentence if the files of an option are of the other kind. */
export function exchangedIn({ arrivals, trail, ignored }: Timeline): string | undefined {
  const count = (what: LeftOut) => ignored.get(what) ?? 0;
  const fed = arrivals.reduce((sum, arrival) => sum + (arrival.kind === 'audit' ? arrival.events : 0), 0);
  return exchangedKinds({
    audit: { events: fed + count('out-of-range'), trailRecords: count('cloudtrail-record') },
    cloudtrail: { events: count('audit-event'), trailRecords: trail.length },
  });
}

/**
 * Returns a function that gives a piece without a readable time the time of the piece before it. So such a piece does
 * not move the clock to real time.
 */
function orAsBefore(first: EpochMillis): (at: EpochMillis | undefined) => EpochMillis {
  let before = first;
  return (at) => {
    before = at ?? before;
    return before;
  };
}

function isIn({ from, to }: TimeRange, at: EpochMillis | undefined): boolean {
  return at === undefined || (at >= (from ?? at) && at <= (to ?? at));
}

function timeOf(event: JsonObject): EpochMillis | undefined {
  const parsed = parseAuditEvent(event);
  return typeof parsed === 'string' ? undefined : parsed.at;
}

/** A piece with its time, in a cluster or anywhere. */
interface Piece<T> {
  /** The cluster's ARN or name. */
  readonly name: string;
  readonly at: EpochMillis;
  readonly piece: T;
}

function stretchOf(pieces: readonly Piece<unknown>[]): number {
  const isFew = (stretch: number) => new Set(pieces.map((piece) => keyOf(piece, stretch))).size <= FEW;
  return STRETCHES.find(isFew) ?? STRETCHES[STRETCHES.length - 1] ?? HOUR;
}

function keyOf({ name, at }: Piece<unknown>, stretch: number): string {
  return `${Math.floor(at / stretch)} ${name}`;
}

/** Yields the pieces of one name and one stretch of time, at most `most` together, with the end of the stretch. */
function* batches<T>(all: readonly Piece<T>[], stretch: number, most: number) {
  for (const pieces of Map.groupBy(all, (piece) => keyOf(piece, stretch)).values()) {
    const [{ name, at } = { name: '', at: 0 }] = pieces;
    const end = epochMillis((Math.floor(at / stretch) + 1) * stretch);
    for (let from = 0; from < pieces.length; from += most) {
      yield { name, end, pieces: pieces.slice(from, from + most).map(({ piece }) => piece) };
    }
  }
}

function* auditArrivals(events: readonly Piece<string>[], stretch: number): Generator<Arrival> {
  for (const { name, end, pieces } of batches(events, stretch, MOST_EVENTS)) {
    const at = epochMillis(end + AUDIT_DELAY);
    yield {
      kind: 'audit',
      at,
      data: () => payload(name, pieces, at),
      events: pieces.length,
      cluster: clusterNamed(name),
    };
  }
}

/** Returns the cluster's name from its ARN, key or name. */
function clusterNamed(name: string): string {
  return isClusterKey(name) ? fieldsOfKey(name).cluster : name;
}

/**
 * Returns the payload of a log group's subscription: `awslogs.data`, gzip in base64. It has what the files state of the
 * cluster, and no more.
 * @param name the cluster as `clusterText` names it; empty if the files do not state it.
 */
function payload(name: string, messages: readonly string[], at: EpochMillis): string {
  const cluster = clusterNamed(name);
  const { accountId: account } = isClusterKey(name) ? fieldsOfKey(name) : {};
  const region = clusterRef(name)?.region;
  const stated = account !== undefined && { extractedFields: { '@aws.account': account, '@aws.region': region } };
  const delivery = {
    messageType: 'DATA_MESSAGE',
    ...(account !== undefined && { owner: account }),
    ...(cluster !== '' && { logGroup: `/aws/eks/${cluster}/cluster` }),
    subscriptionFilters: ['local'],
    logEvents: messages.map((message, index) => ({ id: String(index), timestamp: at, message, ...stated })),
  };
  return gzipSync(JSON.stringify(delivery), { level: constants.Z_BEST_SPEED }).toString('base64');
}

/**
 * Yields the deliveries of CloudTrail records. In stretches longer than CloudTrail's delay they arrive first, as most
 * would have.
 */
function* trailArrivals(records: readonly JsonObject[], now: EpochMillis, stretch: number): Generator<Arrival> {
  const timeAt = orAsBefore(now);
  const delay = stretch > TRAIL_DELAY ? 0 : TRAIL_DELAY;
  const pieces = records.map((record) => {
    const at = timeAt(parseInstant(textAt(record, 'eventTime') ?? ''));
    return { name: '', at, piece: envelopeOf(record) };
  });
  for (const { end, pieces: envelopes } of batches(pieces, stretch, MOST_ENVELOPES)) {
    yield { kind: 'trail', at: epochMillis(end + delay), envelopes };
  }
}

/** Returns the envelope in which EventBridge delivers the record. Its source is the called service. */
function envelopeOf(record: JsonObject): object {
  const service = (textAt(record, 'eventSource') ?? '').split('.')[0] ?? '';
  return { version: '0', 'detail-type': 'AWS API Call via CloudTrail', source: `aws.${service}`, detail: record };
}

/**
 * Depth limit: far more than any field that the rules read, and far less than the recursive `JSON.stringify` can
 * handle.
 */
const DEEPEST = 100;

/**
 * Returns the object without parts that are nested too deeply to be written as JSON again (an attacker may nest
 * thousands of levels). The fields of audit events and CloudTrail records that are read are not that deep.
 */
function withoutDepths(object: JsonObject): JsonObject {
  return isDeep(object, DEEPEST) ? cutObject(object, DEEPEST) : object;
}

function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeep(inner, levels - 1));
}

function cutObject(object: JsonObject, levels: number): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, cut(value, levels - 1)]));
}

function cut(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((entry) => cut(entry, levels - 1));
  return isJsonObject(value) ? cutObject(value, levels) : null;
}
