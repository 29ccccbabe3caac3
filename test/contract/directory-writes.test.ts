import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SentRequests } from '../../lib/adapters/dynamodb/database.ts';
import { DynamoDbDirectory } from '../../lib/adapters/dynamodb/dynamodb-directory.ts';
import { DAY, type EpochMillis, epochMillis } from '../../lib/time.ts';
import { roleUser } from '../builders/audit-event.ts';
import { ROLE_ID } from '../builders/company.ts';
import { NOW } from './now.ts';
import { KEEP } from './over.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { storedRecord } from './stored-record.ts';

/** The cost of the directory. It is complete, whoever writes it. */
describe('the directory in the claims table', () => {
  let dynalite: RunningDynalite;
  beforeAll(async () => {
    dynalite = await RunningDynalite.start();
  });
  afterAll(() => dynalite.stop());

  /** The directory as two processes have it over one table, each with its own count of writes. */
  async function processes(clock: () => EpochMillis) {
    const { tables } = await dynalite.stores(clock);
    return [0, 1].map(() => {
      const count = { writes: 0 };
      const database = new SentRequests(dynalite.client, () => {
        count.writes += 1;
      });
      const directory = new DynamoDbDirectory({ database, table: tables.claims, clock, keep: KEEP.records });
      return { directory, count, table: tables.claims };
    });
  }

  const event = (id: string, day = '2026-03-10', session = 'alice-session') =>
    storedRecord({ auditID: id, user: roleUser({ session }), requestReceivedTimestamp: `${day}T12:10:00Z` });

  /** Cluster, namespace and role are an item each, and the role's session of the day. */
  const OF_ONE_RECORD = 4;

  it('is written once for each day of events and process, however many records come', async () => {
    const [here, there] = await processes(() => NOW);
    if (here === undefined || there === undefined) throw new Error('no processes');
    const writesOf = async (process: typeof here, ...records: Parameters<typeof here.directory.note>[0]) => {
      const before = process.count.writes;
      await process.directory.note(records);
      return process.count.writes - before;
    };
    expect(await writesOf(here, event('1'), event('2'))).toBe(OF_ONE_RECORD);
    expect(await writesOf(here, event('3'))).toBe(0);
    expect(await writesOf(here, event('4', '2026-03-11'))).toBe(OF_ONE_RECORD);
    expect(await writesOf(here, event('5', '2026-03-11'), event('6'))).toBe(0);
    expect(await writesOf(here, event('7', '2026-03-10', 'bob'))).toBe(1);
    // Another process finds the entries as they are; sessions it writes as it has them.
    expect(await writesOf(there, event('8'))).toBe(1);
    expect(await writesOf(there, event('9'))).toBe(0);
  });

  it('is complete if two processes write it at the same time', async () => {
    const [here, there] = await processes(() => NOW);
    const days = Array.from({ length: 12 }, (_, at) => `2026-02-${String(at + 10)}`);
    await Promise.all(
      days.map((day, at) => (at % 2 === 0 ? here : there)?.directory.note([event(day, day, `session-${at}`)])),
    );
    const [entry] = (await here?.directory.known('namespace', '', { limit: 10 }))?.entries ?? [];
    expect(entry && [entry.first, entry.last].map((at) => new Date(at).toISOString().slice(0, 10))).toEqual([
      days[0],
      days.at(-1),
    ]);
    expect(await there?.directory.sessionsOfRole(ROLE_ID, {}, 100)).toHaveLength(days.length);
  });

  it('keeps an entry for as long as any record that it was noted for', async () => {
    let now = NOW;
    const [first] = await processes(() => now);
    if (first === undefined) throw new Error('no process');
    await first.directory.note([event('1')]);
    now = epochMillis(NOW + KEEP.records + DAY);
    const of = { table: first.table, clock: () => now, keep: KEEP.records };
    const later = { directory: new DynamoDbDirectory({ ...of, database: new SentRequests(dynalite.client) }) };
    await later.directory.note([event('2')]); // an older event, stored late
    now = epochMillis(NOW + 2 * KEEP.records + DAY / 2); // what was written first is over
    expect((await later.directory.known('namespace', '', { limit: 10 })).entries).toHaveLength(1);
    expect(await later.directory.sessionsOfRole(ROLE_ID, {}, 10)).toHaveLength(1);
  });
});
