import { type RejectReason, sampleOfValue } from '../../envelopes/reject.ts';
import type { HandedOver, Refusal } from '../../envelopes/unwrap.ts';
import { troubleText } from '../../heartbeats/trouble.ts';
import { isAccountId } from '../../identity/arn.ts';
import { isJsonObject, type Loose, objectAt, textAt } from '../../json.ts';
import type { Heartbeats } from '../../ports/heartbeats.ts';
import { type EpochMillis, parseInstant } from '../../time.ts';
import { noteFilterChanges } from '../heartbeats/filter-changes.ts';
import { hearClusters, hearSources } from '../heartbeats/hear.ts';
import { type Batch, EMPTY_BATCH, type HandedOverBatch, type Reading, readHandedOver, rejectsIn } from './batch.ts';
import { keepRejects } from './ingest.ts';
import { type Delivery, type IngestOutcome, NOTHING } from './ingest-service.ts';
import { rejectedRecord } from './rejected-record.ts';
import {
  type CeilingService,
  countReading,
  countRefused,
  grantsWithin,
  ingestWithin,
  leaveOutDelivery,
} from './within-ceiling.ts';

/** The service behind a delivery: it stores the delivery, and notes that its clusters and sources were heard. */
export interface TakingService extends CeilingService {
  readonly heartbeats: Heartbeats;
}

/**
 * Stores a delivery to the function `ingest`. It can contain CloudTrail records if a subscription leads to the wrong
 * function. Their grants are stored first, since the answers about events may depend on them.
 * @throws the errors of `storeGrants` and `ingest`. The caller has the delivery retried.
 */
export async function takeEvents(batch: Batch, delivery: Delivery, service: TakingService): Promise<IngestOutcome> {
  service.metrics.add('TrailRecordsAtIngest', batch.trail.length);
  if (batch.trail.length > 0) await grantsWithin(batch.trail, service);
  const outcome = await ingestWithin(batch, delivery, service);
  await hearSources(batch.trail, service);
  await noteFilterChanges(batch.trail, service);
  await hearClusters(batch.events, service);
  return outcome;
}

/** The result of a delivery that another account handed over. */
interface HandOverOutcome extends IngestOutcome {
  /** The account that AWS states. `UNSTATED` if the message did not come through the event bus. */
  readonly account: string;
  readonly delivery: string;
  /** The number of pieces that look like evidence, but come from other logs, as in `Batch`. */
  readonly otherOrigin: number;
  /** Why the whole delivery was refused. Absent if it was not. */
  readonly refused?: RejectReason | undefined;
  /** Present if the whole delivery was left out, because the account is far over its ceiling. */
  readonly isLeftOut?: true;
}

/**
 * Stores a delivery that another account handed over. Trust: the account is trusted only for audit events of its own
 * log groups. Its events are inserted and never overwrite anything. Its CloudTrail records are rejected, because a
 * forged grant would name people in every cluster. Its tokens count only for events that the same account hands over.
 * The whole delivery is refused if it names another account's log group or is larger than CloudWatch Logs delivers.
 * Refusals are counted by account. The delivery is left out if the account is far over its ceiling.
 * @param envelope the event from the hub's bus.
 * @param isRetried whether an earlier attempt at the delivery began.
 * @throws the errors of `ingest`. The caller has the delivery retried.
 */
export async function takeHandedOver(
  envelope: unknown,
  reading: Reading,
  service: TakingService,
  isRetried = false,
): Promise<HandOverOutcome> {
  const handOver = parseHandOver(envelope);
  const { account, region, data = '' }: BusEvent = handOver ?? { account: UNSTATED };
  const id = service.digest(`${account} ${data}`);
  const sentAt = timeOf(envelope) ?? service.clock();
  if (handOver !== undefined && (await leaveOutDelivery({ account, sentAt }, service)))
    return { ...NOTHING, otherOrigin: 0, account, delivery: id, isLeftOut: true };
  const batch: HandedOverBatch | Refusal =
    data === ''
      ? { reason: 'hand-over-unreadable', sample: sampleOfValue(envelope) }
      : readHandedOver({ account, region, data }, `delivery ${id} of account ${account}`, reading);
  if ('reason' in batch) return refuse(batch, { account, delivery: id }, service);
  service.metrics.add('TrailRecordsAtIngest', batch.trail.length);
  const events = withoutTrail(batch, reading);
  const outcome = await ingestWithin(events, { id, isLive: true, isRetried }, service);
  const rejected = rejectsIn(events); // The outcome lacks the rejects of slices that were stored before.
  await countReading({ account, events: batch.events.length, rejected, bytes: batch.bytes }, service);
  await hearClusters(batch.events, service, account);
  return { ...outcome, account, delivery: id, otherOrigin: batch.otherOrigin };
}

/** Returns the time at which EventBridge received the event. */
function timeOf(envelope: unknown): EpochMillis | undefined {
  return parseInstant(isJsonObject(envelope) ? (textAt(envelope, 'time') ?? '') : '');
}

function withoutTrail(batch: Batch, { samples = batch.trail.length }: Reading): Batch {
  const reason = 'cloudtrail-record-from-another-stack';
  const sampled = batch.trail.slice(0, Math.max(0, samples - batch.rejected.length));
  const rejected = sampled.map(({ record, file, place }) =>
    rejectedRecord(record, { file, place: () => place }, reason),
  );
  const others = batch.trail.length - sampled.length;
  return {
    ...batch,
    trail: [],
    rejected: [...batch.rejected, ...rejected],
    otherRejects: others === 0 ? batch.otherRejects : new Map([...batch.otherRejects, [reason, others]]),
  };
}

/** The account that counts for a message that did not come through the event bus. */
const UNSTATED = 'unstated';

async function refuse(
  { reason, sample }: Refusal,
  { account, delivery }: Pick<HandOverOutcome, 'account' | 'delivery'>,
  service: CeilingService,
): Promise<HandOverOutcome> {
  const place = `delivery ${delivery} of account ${account}`;
  await service.rejects.keep([{ file: place, place, reason, sample }]);
  service.metrics.add('EventsRejected', 1);
  service.metrics.add('FleetTrouble', 1, troubleText({ what: 'refused', account }));
  if (account !== UNSTATED) await countRefused(account, service);
  return { ...NOTHING, rejected: 1, otherOrigin: 0, account, delivery, refused: reason };
}

/**
 * Stores a delivery to the function `grants`. It can contain audit events if a subscription leads to the wrong
 * function. They are stored after the grants, since their answers may depend on them.
 * @throws the errors of `storeGrants` and `ingest`. The caller has the delivery retried.
 */
export async function takeGrants(batch: Batch, delivery: Delivery, service: TakingService): Promise<void> {
  const { events, trail, ignored, otherOrigin } = batch;
  const { metrics } = service;
  await grantsWithin(trail, service);
  metrics.add('EventsAtGrants', events.length);
  if (events.length > 0) await ingestWithin({ ...EMPTY_BATCH, events }, delivery, service);
  await keepRejects(batch, service);
  await hearSources(trail, service);
  await noteFilterChanges(trail, service);
  await hearClusters(events, service);
  metrics.add('TrailRecordsRejected', rejectsIn(batch));
  metrics.add('TrailPiecesIgnored', ignored);
  metrics.add('PiecesOfOtherOrigin', otherOrigin);
}

/**
 * The source and type of a spoke's deliveries on the hub's event bus. The hub's rule and the function `ingest` match on
 * them.
 */
export const HAND_OVER = { source: 'eks-whois.spoke', detailType: 'Audit log delivery' } as const;

/** A spoke's event on the hub's bus. Everything but the account comes from the sender, who may leave it out. */
type BusEvent = Pick<HandedOver, 'account'> & Partial<Loose<HandedOver>>;

/**
 * Returns the delivery in an event from the hub's bus. Undefined if the event does not come from there. Its data can be
 * absent. EventBridge states the account whose credentials put the event on the bus (FACTS). The event's own `region`
 * is that of the bus, so the stack states its Region in the detail.
 */
function parseHandOver(envelope: unknown): BusEvent | undefined {
  if (!isJsonObject(envelope)) return undefined;
  const { source, 'detail-type': detailType } = envelope;
  const account = textAt(envelope, 'account') ?? '';
  const detail = objectAt(envelope, 'detail');
  const data = textAt(objectAt(detail, 'awslogs'), 'data');
  const isHandOver = source === HAND_OVER.source && detailType === HAND_OVER.detailType && isAccountId(account);
  return isHandOver ? { account, region: textAt(detail, 'region'), data } : undefined;
}
