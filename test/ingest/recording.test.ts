import { describe, expect, it } from 'vitest';
import { recordItem } from '../../lib/adapters/dynamodb/record-item.ts';
import { parseRecording, RECORD_ALL } from '../../lib/audit/recording.ts';
import { WRITE_UNITS } from '../../lib/cost/unit-counts.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { summaryRequest } from '../../lib/usecases/query/parameters.ts';
import { summary } from '../../lib/usecases/query/summary.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { writeUnits } from '../contract/write-units.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';

const NOISE = parseRecording('omit-reads:leases,events');

let made = 0;
const event = (verb: string, resource: string, fields: JsonObject = {}) => {
  made += 1;
  const auditID = `a0000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
  return auditEvent({ auditID, verb, objectRef: { resource, namespace: 'shop' }, ...fields });
};

/** The service, and what its records cost in write units by DynamoDB's rules. */
function world(recording = NOISE) {
  const clock = new SetClock(utc('12:31:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const cost = { units: 0 };
  const insert = stores.records.insert.bind(stores.records);
  stores.records.insert = (all: readonly StoredRecord[]) => {
    for (const each of all) cost.units += writeUnits('records', undefined, recordItem(each, 1, 1_780_000_000));
    return insert(all);
  };
  const service = new Service(stores, clock, { withoutLookups: true, recording });
  const counted = () => summary(summaryRequest('by=resource', clock.at), { counts: stores.counts, clock: clock.now });
  return { service, cost, counted };
}

describe('reads that are left out', () => {
  const reads = [event('list', 'events'), event('watch', 'leases'), event('get', 'leases')];
  const kept = [event('get', 'pods'), event('update', 'leases'), event('get', 'secrets')];
  const denied = event('list', 'events', { responseStatus: { code: 403 } });

  it('become no records and are counted, while everything else is recorded', async () => {
    const { service, counted } = world();
    expect(await service.ingest([...reads, ...kept, denied])).toEqual({
      recorded: 4,
      duplicates: 0,
      rejected: 0,
      omitted: 3,
    });
    expect(service.outbox.sum('EventsOmitted')).toBe(3);
    expect(service.outbox.sum('EventsReceived')).toBe(7);
    expect(service.outbox.sum('EventsDuplicate')).toBe(0);
    expect((await counted()).total).toBe(4);
    expect(await service.ingest([...reads, ...kept], 'again')).toMatchObject({ duplicates: 3, omitted: 3 });
  });

  it('are reported with the counts, as long as there are any', async () => {
    const { service, counted } = world();
    await service.ingest(reads);
    expect((await counted()).counting).toMatchObject({ ingestedAt: utc('12:31:00'), omits: ['leases', 'events'] });
    const other = world(RECORD_ALL);
    await other.service.ingest(reads);
    expect((await other.counted()).counting).toEqual({ ingestedAt: utc('12:31:00'), behind: [] });
    expect(other.service.outbox.sum('EventsOmitted')).toBe(0);
  });

  it('are left out by a backfill too', async () => {
    const { service } = world();
    expect(await service.ingest([...reads, ...kept], 'backfill', false)).toMatchObject({ recorded: 3, omitted: 3 });
  });

  it('open no claim: a session that does nothing else raises no alert', async () => {
    const { service } = world();
    await service.ingest(reads);
    await service.settleFor(45);
    expect(await service.stores.claims.backlog()).toMatchObject({ open: 0 });
    expect(service.outbox.alerts).toEqual([]);
  });

  it('cost no write units: four tenths of a million cost six tenths of it', async () => {
    const full = await storing(RECORD_ALL);
    const quiet = await storing(NOISE);
    expect(full.units).toBeLessThanOrEqual(100 * WRITE_UNITS.record);
    expect(quiet.units / full.units).toBeCloseTo(0.6, 2);
  });
});

/** A hundred events of a known session. Forty of them are reads of leases. */
async function storing(recording: typeof NOISE) {
  const { service, cost } = world(recording);
  await service.grants([grant({ by: iamUser('alice') })]);
  const events = Array.from({ length: 100 }, (_, at) => (at % 5 < 2 ? event('get', 'leases') : event('get', 'pods')));
  await service.ingest(events);
  return cost;
}
