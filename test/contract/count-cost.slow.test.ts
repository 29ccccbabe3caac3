import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SentRequests } from '../../lib/adapters/dynamodb/database.ts';
import { DynamoDbCounts } from '../../lib/adapters/dynamodb/dynamodb-counts.ts';
import { DynamoDbIntents } from '../../lib/adapters/dynamodb/dynamodb-intents.ts';
import type { Item } from '../../lib/adapters/dynamodb/requests.ts';
import { WRITE_UNITS } from '../../lib/cost/unit-counts.ts';
import type { JsonObject } from '../../lib/json.ts';
import { MINUTE } from '../../lib/time.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, memoryStores, Service, SetClock } from '../usecases/service.ts';
import { KEEP } from './over.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { writeUnits } from './write-units.ts';

/**
 * Adds up what is written for the counts, by DynamoDB's rules; items that lie over themselves count each time. Of what a delivery
 * announces it is its records, which are announced and withdrawn again.
 */
class PricedDatabase extends SentRequests {
  units = 0;

  override putAll(table: string, items: readonly Item[]): Promise<void> {
    for (const item of items) {
      if (item.dueList === undefined) this.units += writeUnits('claims', undefined, item);
      else if (item.records !== undefined) this.units += 2 * writeUnits('claims', undefined, item);
    }
    return super.putAll(table, items);
  }

  override put(request: Parameters<SentRequests['put']>[0]): Promise<boolean> {
    this.units += writeUnits('claims', undefined, request.Item ?? {});
    return super.put(request);
  }
}

const HOUR_OF_EVENTS = instant(utc('12:00:00'));
const SESSIONS = 40;
const keyOf = (session: number) => keyId(`ASIASESSION${String(session).padStart(9, '0')}`);
const nameOf = (session: number) => `person-${session % 25}@company.example`;

/** An hour of a cluster: four in ten requests are people's, the others of service accounts and nodes. */
function requestOf(at: number): JsonObject {
  const session = at % SESSIONS;
  const people = roleUser({ session: nameOf(session), key: keyOf(session), username: `admin:${nameOf(session)}` });
  const accounts = { username: `system:serviceaccount:team-${at % 13}:controller-${at % 17}`, uid: `uid-${at % 17}` };
  const resource = ['pods', 'secrets', 'configmaps', 'deployments', 'leases', 'nodes', 'events'][at % 7] ?? '';
  const second = Math.floor((at * 3_000) / 1_000);
  const time = `12:${String(Math.floor(second / 60) % 60).padStart(2, '0')}:${String(second % 60).padStart(2, '0')}`;
  return auditEvent({
    auditID: `a0000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
    verb: ['get', 'list', 'watch', 'update', 'patch'][at % 5] ?? '',
    user: at % 10 < 4 ? people : accounts,
    objectRef: { resource, namespace: `team-${at % 13}`, name: `web-${at}`, apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: [200, 200, 201, 403, 404][at % 5] ?? 200 },
    requestReceivedTimestamp: utc(`${time}.000000`),
  });
}

const grantOf = (session: number) =>
  grant({
    key: keyOf(session),
    session: nameOf(session),
    at: utc('11:30:00'),
    until: utc('20:30:00'),
    id: `b0000000-0000-4000-8000-${String(session).padStart(12, '0')}`,
    by: iamUser(`person-${session % 25}`),
  });

/** The events in one delivery of CloudWatch Logs from a busy cluster. */
const BATCH = 50;

describe('the counters of a thousand records', () => {
  let dynalite: RunningDynalite;
  beforeAll(async () => {
    dynalite = await RunningDynalite.start();
  });
  afterAll(() => dynalite.stop());

  async function counted(events: readonly JsonObject[]) {
    const clock = new SetClock(utc('12:51:00'));
    const { tables } = await dynalite.stores(clock.now);
    const database = new PricedDatabase(dynalite.client);
    const counts = new DynamoDbCounts({ database, table: tables.claims, clock: clock.now, keep: KEEP.records });
    const intents = new DynamoDbIntents({ database, table: tables.claims, clock: clock.now, keep: KEEP.records });
    const stores = { ...memoryStores(calmWorld(clock.now)), counts, intents };
    const service = new Service(stores, clock, { withoutLookups: true });
    const sessions = Array.from({ length: SESSIONS }, (_, session) => session);
    // For one session in four, the grant arrives late, as from CloudTrail. Its records are corrected.
    await service.grants(sessions.filter((session) => session % 4 !== 0).map(grantOf));
    for (let at = 0; at < events.length; at += BATCH)
      await service.ingest(events.slice(at, at + BATCH), `delivery ${at}`);
    const atOnce = database.units;
    await service.grants(sessions.filter((session) => session % 4 === 0).map(grantOf));
    await service.settleFor(5);
    const inAll = database.units;
    clock.pass(90 * MINUTE);
    await service.settle();
    const [hour] = await counts.kept(HOUR_OF_EVENTS, HOUR_OF_EVENTS);
    return { atOnce, inAll, folded: database.units - inAll, hour };
  }

  it('cost 0.27 of a write unit each, most of it for counting a delivery that was given up', async () => {
    const { atOnce, inAll, folded, hour } = await counted(Array.from({ length: 1_000 }, (_, at) => requestOf(at)));
    expect(hour).toMatchObject({
      total: 1_000,
      by: { status: { values: expect.arrayContaining([['attributed', 400]]) } },
    });
    expect(atOnce).toBeLessThan(270);
    expect(inAll + folded).toBeLessThan(WRITE_UNITS.countersOfThousand);
  });

  it('cost less than that even if clients use many different long names', async () => {
    const hostile = Array.from({ length: 1_000 }, (_, at) => {
      const long = (what: string) => `${what}-${at}-`.padEnd(250, 'x');
      const objectRef = { resource: long('resource'), namespace: long('namespace'), name: 'x', apiVersion: 'v1' };
      return { ...requestOf(at), verb: long('verb'), objectRef };
    });
    const { inAll, folded, hour } = await counted(hostile);
    expect(inAll + folded).toBeLessThan(300);
    expect(hour?.by.namespace.others).toBeGreaterThan(900);
    const { values = [], others = 0, none = 0 } = hour?.by.namespace ?? {};
    expect(values.reduce((sum, [, count]) => sum + count, others + none)).toBe(1_000);
  });
});
