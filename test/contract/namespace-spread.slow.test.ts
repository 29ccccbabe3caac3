import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordItem } from '../../lib/adapters/dynamodb/record-item.ts';
import { dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { ReadRecord, RecordStore } from '../../lib/ports/records.ts';
import { DAY, type EpochMillis, epochMillis, SECOND } from '../../lib/time.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { CountedRequests } from './counted-requests.ts';
import { NOW } from './now.ts';
import { KEEP } from './over.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { storedRecord } from './stored-record.ts';
import { writeUnits } from './write-units.ts';

const EXPIRES = Math.ceil((NOW + KEEP.records) / SECOND);
const SHOP = { by: 'namespace', clusterKey: clusterKeyOf({ cluster: 'prod-1' }), namespace: 'shop' } as const;

/** Requests in one namespace, all within one second. */
const requests = (from: number, count: number, namespace = 'shop') =>
  Array.from({ length: count }, (_, at) =>
    storedRecord({
      auditID: `event-${from + at}`,
      objectRef: { resource: 'pods', namespace, name: 'web-0', apiVersion: 'v1' },
    }),
  );

const idsOf = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id).toSorted();

describe('a namespace in the index by namespace', () => {
  let dynalite: RunningDynalite;
  let counted: CountedRequests;
  let now: EpochMillis;
  beforeAll(async () => {
    dynalite = await RunningDynalite.start();
    counted = new CountedRequests(dynalite.client);
  });
  afterAll(() => dynalite.stop());
  beforeEach(() => {
    now = NOW;
  });

  /** Two processes over one table. */
  async function service(beforeWrite?: () => void) {
    const { tables } = await dynalite.stores(() => now);
    const open = (onWrite?: () => void) =>
      dynamoDbStores({
        client: dynalite.client,
        tables,
        clock: () => now,
        keep: KEEP,
        ...(onWrite && { beforeWrite: onWrite }),
      });
    const [here, there] = [open(beforeWrite), open()];
    return { here, there };
  }

  async function all(records: RecordStore, limit = 90): Promise<readonly ReadRecord[]> {
    const found: ReadRecord[] = [];
    let position: string | undefined;
    do {
      const page = await records.query(SHOP, {}, { limit, position });
      found.push(...page.records);
      position = page.position;
    } while (position !== undefined);
    return found;
  }

  /** Beside them one request tells how wide the namespace is, and one reads the record. */
  async function partitionsRead(records: RecordStore, namespace = 'shop'): Promise<number> {
    const { requests: all } = await counted.during(() => records.query({ ...SHOP, namespace }, {}, { limit: 1 }));
    return all - 2;
  }

  it('is one partition while it is not busy, even if several processes write it for days', async () => {
    const { here, there } = await service();
    const stored = requests(0, 40);
    await here.records.insert(stored.slice(0, 20));
    now = epochMillis(NOW + DAY);
    await there.records.insert(stored.slice(20, 30));
    await here.records.insert(stored.slice(30));
    expect(await partitionsRead(here.records)).toBe(1);
    expect(idsOf(await all(there.records))).toEqual(idsOf(stored));
  });

  it('is spread if a batch is of one busy second, and its earlier records are still found', async () => {
    const { here, there } = await service();
    const [before, busy, after] = [requests(0, 20), requests(100, 250), requests(500, 20)];
    await here.records.insert(before);
    await here.records.insert(busy);
    await there.records.insert(after);
    const found = await all(there.records);
    expect(idsOf(found)).toEqual(idsOf([...before, ...busy, ...after]));
    expect(new Set(found.map(({ ending }) => ending)).size).toBe(4);
    expect(await partitionsRead(there.records)).toBe(4);
  });

  it('is spread if one process writes many of its records, whatever their days', async () => {
    const { here } = await service();
    const events = requests(0, 600).map((record, at) => ({ ...record, at: epochMillis(NOW - at * 60 * SECOND) }));
    for (let at = 0; at < events.length; at += 100) await here.records.insert(events.slice(at, at + 100));
    const found = await all(here.records);
    expect(idsOf(found)).toEqual(idsOf(events));
    expect(new Set(found.map(({ ending }) => ending)).size).toBe(4);
  });

  it('does not spread its neighbours', async () => {
    const { here } = await service();
    await here.records.insert([...requests(0, 300), ...requests(1_000, 5, 'pay')]);
    expect(await partitionsRead(here.records, 'pay')).toBe(1);
  });

  it('is one partition again once the records of its busy time have expired', async () => {
    const { here, there } = await service();
    await here.records.insert(requests(0, 300));
    now = epochMillis(NOW + 2 * DAY);
    const later = requests(1_000, 10);
    await here.records.insert(later);
    const written = (await all(here.records)).filter(({ id }) => idsOf(later).includes(id));
    expect(written.map(({ ending }) => ending)).toEqual(later.map(() => undefined));
    expect(await partitionsRead(there.records)).toBe(4);
    now = epochMillis(NOW + KEEP.records + 1.5 * DAY);
    await there.records.insert(requests(2_000, 1));
    expect(await partitionsRead(here.records)).toBe(1);
    expect(idsOf(await all(here.records))).toEqual(idsOf([...later, ...requests(2_000, 1)]));
  });

  it('is found completely, in whatever order busy and quiet processes write it', async () => {
    const { here, there } = await service();
    const batches = Array.from({ length: 6 }, (_, at) => requests(at * 1_000, at % 2 === 0 ? 260 : 5));
    await Promise.all(batches.map((batch, at) => (at % 3 === 0 ? here : there).records.insert(batch)));
    expect(idsOf(await all(here.records, 500))).toEqual(idsOf(batches.flat()));
  });

  it('is found completely, wherever a process stops', async () => {
    for (let most = 1; most <= 60; most += 7) {
      let left = most;
      const { here, there } = await service(() => {
        left -= 1;
        if (left < 0) throw new Error('stopped');
      });
      const busy = requests(0, 250);
      await expect(here.records.insert(busy)).rejects.toThrow('stopped');
      const stored = await Promise.all(
        busy
          .slice(0, 60)
          .map(({ record: { auditId } }) => there.records.query({ by: 'audit-id', auditId }, {}, { limit: 9 })),
      );
      const found = new Set((await all(there.records, 500)).map(({ id }) => id));
      for (const { records } of stored) for (const { id } of records) expect(found).toContain(id);
    }
  });

  it('keeps the place of a record that is corrected', async () => {
    const { here } = await service();
    await here.records.insert(requests(0, 260));
    const [wide] = (await all(here.records)).filter(({ ending }) => ending !== undefined);
    if (wide === undefined) throw new Error('not spread');
    expect(await here.records.correct([wide])).toEqual([{ outcome: 'corrected' }]);
    const corrected = (await all(here.records)).filter(({ id }) => id === wide.id);
    expect(corrected).toEqual([{ ...wide, revision: 2 }]);
  });

  it('costs no more write units for a record if it is spread', () => {
    const [pending, named] = [storedRecord(), storedRecord({}, [grant({ until: utc('23:00:00') })])];
    const [narrow, wide] = ['0', '3'].map((ending) => {
      const inserted = recordItem(pending, 1, EXPIRES, { ending });
      return [
        writeUnits('records', undefined, inserted),
        writeUnits('records', inserted, recordItem(named, 2, EXPIRES, { ending })),
      ];
    });
    expect(wide).toEqual(narrow);
  });
});
