import { storeGrants } from '../grants/grants.ts';
import { type Batch, EMPTY_BATCH } from './batch.ts';
import { ingest } from './ingest.ts';
import type { Delivery, IngestOutcome, IngestService } from './ingest-service.ts';
import { rejectedRecord } from './rejected-record.ts';

/**
 * Takes a delivery that came to `ingest`. CloudTrail's records in it, of a subscription that leads to the wrong function,
 * are stored as grants, before the events that may rest on them.
 * @throws what `storeGrants` and `ingest` throw: the delivery is to come again.
 */
export async function takeEvents(batch: Batch, delivery: Delivery, service: IngestService): Promise<IngestOutcome> {
  service.metrics.add('TrailRecordsAtIngest', batch.trail.length);
  if (batch.trail.length > 0) await storeGrants(batch.trail, service);
  return ingest(batch, delivery, service);
}

/**
 * Takes a delivery that another stack handed over: it is believed about audit events, which are inserted and overwrite
 * nothing, and never about grants, which would name people everywhere: CloudTrail's records in it are set aside, and the
 * tokens that it tells of count for what was handed over alone.
 * @throws what `ingest` throws: the delivery is to come again.
 */
export async function takeHandedOver(batch: Batch, delivery: Delivery, service: IngestService): Promise<IngestOutcome> {
  const rejected = batch.trail.map(({ record, file, place }) =>
    rejectedRecord(record, { file, place: () => place }, 'cloudtrail-record-from-another-stack'),
  );
  service.metrics.add('TrailRecordsAtIngest', batch.trail.length);
  const events = batch.events.map((delivered) => ({ ...delivered, handedOver: true as const }));
  return ingest({ ...batch, events, rejected: [...batch.rejected, ...rejected] }, delivery, service);
}

/**
 * Takes a delivery that came to `grants`. Audit events in it, of a subscription that leads to the wrong function, are
 * recorded, once the grants that they may rest on are stored.
 * @throws what `storeGrants` and `ingest` throw: the delivery is to come again.
 */
export async function takeGrants(batch: Batch, delivery: Delivery, service: IngestService): Promise<void> {
  const { events, trail, rejected, ignored, otherOrigin } = batch;
  const { metrics, rejects } = service;
  await storeGrants(trail, service);
  metrics.add('EventsAtGrants', events.length);
  if (events.length > 0) await ingest({ ...EMPTY_BATCH, events }, delivery, service);
  if (rejected.length > 0) await rejects.keep(rejected);
  metrics.add('TrailRecordsRejected', rejected.length);
  metrics.add('TrailPiecesIgnored', ignored);
  metrics.add('PiecesOfOtherOrigin', otherOrigin);
}
