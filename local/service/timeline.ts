import { gzipSync } from 'node:zlib';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import type { LeftOut } from '../../lib/envelopes/unwrap.ts';
import type { JsonObject } from '../../lib/json.ts';
import { textAt } from '../../lib/json.ts';
import type { RecordSource, Rejected } from '../../lib/ports/input.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { type EpochMillis, epochMillis, MINUTE, parseInstant } from '../../lib/time.ts';
import { increment } from '../../lib/usecases/counting/run-counts.ts';
import { withoutDepths } from './cut-depths.ts';

/** Something that comes to the service at a time: a subscription's payload, or CloudTrail's records. */
export type Arrival =
  | {
      readonly kind: 'audit';
      readonly at: EpochMillis;
      readonly data: string;
      readonly events: number;
      readonly cluster: string;
    }
  | { readonly kind: 'trail'; readonly at: EpochMillis; readonly envelopes: readonly object[] };

export interface Timeline {
  /** In the order of their times. */
  readonly arrivals: readonly Arrival[];
  readonly trail: readonly JsonObject[];
  readonly rejected: readonly Rejected[];
  /** What was left out of the files without being unreadable. */
  readonly ignored: ReadonlyMap<LeftOut, number>;
}

/** Audit events are with a subscriber within minutes, CloudTrail's records some minutes later (FACTS). */
const AUDIT_DELAY = 1 * MINUTE;
export const TRAIL_DELAY = 5 * MINUTE;
const STRETCH = 5 * MINUTE;
const MOST_EVENTS = 500;
const MOST_ENVELOPES = 100; // as many as a batch of the queue has (infra/functions.ts)

/**
 * What the files hold, as it would have come: audit events by cluster and stretch of time, CloudTrail's records later. Of
 * audit events with a readable time only those in the range; all grants count.
 */
export async function timelineOf(
  audit: RecordSource,
  cloudtrail: RecordSource,
  now: EpochMillis,
  range: TimeRange = {},
): Promise<Timeline> {
  const rejected: Rejected[] = [];
  const stretches = new Stretches<JsonObject>();
  const trail: JsonObject[] = [];
  const leftOut = new Map<LeftOut, number>();
  const ignored = (what: LeftOut) => increment(leftOut, what);
  const nothing = () => undefined;
  const timeAt = orAsBefore(now);
  const reject = (piece: Rejected) => rejected.push(piece);
  await audit.read(
    {
      audit: (event, cluster) => {
        const at = timeOf(event);
        if (isIn(range, at)) stretches.add(cluster ?? '', timeAt(at), withoutDepths(event));
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
  const arrivals = [...auditArrivals(stretches), ...trailArrivals(trail, now)].sort((a, b) => a.at - b.at);
  return { arrivals, trail, rejected, ignored: leftOut };
}

/** A piece without a readable time comes with the one before it, and never moves the clock to the real time. */
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

/** Pieces that belong together: of one name and one stretch of time. */
class Stretches<T> {
  readonly #pieces = new Map<string, { readonly name: string; readonly end: EpochMillis; readonly pieces: T[] }>();

  add(name: string, at: EpochMillis, piece: T): void {
    const end = epochMillis((Math.floor(at / STRETCH) + 1) * STRETCH);
    const key = JSON.stringify([name, end]);
    const stretch = this.#pieces.get(key) ?? { name, end, pieces: [] };
    stretch.pieces.push(piece);
    this.#pieces.set(key, stretch);
  }

  *batches(most: number): Generator<{ name: string; end: EpochMillis; pieces: readonly T[] }> {
    for (const { name, end, pieces } of this.#pieces.values()) {
      for (let at = 0; at < pieces.length; at += most) yield { name, end, pieces: pieces.slice(at, at + most) };
    }
  }
}

function* auditArrivals(stretches: Stretches<JsonObject>): Generator<Arrival> {
  for (const { name, end, pieces } of stretches.batches(MOST_EVENTS)) {
    const at = epochMillis(end + AUDIT_DELAY);
    yield { kind: 'audit', at, data: payload(name, pieces, at), events: pieces.length, cluster: name };
  }
}

/** What a log group's subscription sends: `awslogs.data`, gzip in base64. */
function payload(cluster: string, events: readonly JsonObject[], at: EpochMillis): string {
  const message = {
    messageType: 'DATA_MESSAGE',
    owner: '111122223333',
    ...(cluster !== '' && { logGroup: `/aws/eks/${cluster}/cluster` }), // unsaid where the files do not say it
    logStream: 'kube-apiserver-audit-local',
    subscriptionFilters: ['local'],
    logEvents: events.map((event, index) => ({ id: String(index), timestamp: at, message: JSON.stringify(event) })),
  };
  return gzipSync(JSON.stringify(message)).toString('base64');
}

function* trailArrivals(records: readonly JsonObject[], now: EpochMillis): Generator<Arrival> {
  const stretches = new Stretches<object>();
  const timeAt = orAsBefore(now);
  for (const record of records) {
    const at = timeAt(parseInstant(textAt(record, 'eventTime') ?? ''));
    stretches.add('', epochMillis(at + TRAIL_DELAY), envelopeOf(record));
  }
  for (const { end, pieces } of stretches.batches(MOST_ENVELOPES)) yield { kind: 'trail', at: end, envelopes: pieces };
}

/** The envelope in which EventBridge delivers the record: its source is the service that was called. */
function envelopeOf(record: JsonObject): object {
  const service = (textAt(record, 'eventSource') ?? '').split('.')[0] ?? '';
  return { version: '0', 'detail-type': 'AWS API Call via CloudTrail', source: `aws.${service}`, detail: record };
}
