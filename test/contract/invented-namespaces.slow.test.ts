import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MOST_UNPROVEN } from '../../lib/adapters/dynamodb/namespace-places.ts';
import { dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { RequestBudget } from '../../lib/ports/budget.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { DAY, type EpochMillis, epochMillis } from '../../lib/time.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import type { QueryService } from '../../lib/usecases/query/records-request.ts';
import { asking } from '../builders/question.ts';
import { CountedRequests } from './counted-requests.ts';
import { NOW } from './now.ts';
import { KEEP } from './over.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { storedRecord } from './stored-record.ts';

let made = 0;

/** A request of its own; by default it is denied, as whoever invents a namespace is. */
function request(namespace: string, more = {}): StoredRecord {
  made += 1;
  return storedRecord({
    auditID: `event-${made}`,
    verb: 'get',
    requestReceivedTimestamp: new Date(NOW - 3_600_000 + made * 100).toISOString(),
    objectRef: { resource: 'pods', namespace, name: 'web-0', apiVersion: 'v1' },
    responseStatus: { code: 403 },
    ...more,
  });
}
const succeeded = (namespace: string) => request(namespace, { responseStatus: { code: 200 } });
const listed = (namespace: string) => request(namespace, { verb: 'list', responseStatus: { code: 200 } });
const invented = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => request(`invented-${String(from + at).padStart(5, '0')}`));
const auditIds = (records: readonly StoredRecord[]) => records.map(({ record }) => String(record.auditId)).toSorted();

describe('namespaces that a client invents', () => {
  let dynalite: RunningDynalite;
  let counted: CountedRequests;
  let open: () => ReturnType<typeof dynamoDbStores>;
  let now: EpochMillis;
  beforeAll(async () => {
    dynalite = await RunningDynalite.start();
    counted = new CountedRequests(dynalite.client);
  });
  afterAll(() => dynalite.stop());
  beforeEach(async () => {
    now = NOW;
    const { tables } = await dynalite.stores(() => now);
    open = () => dynamoDbStores({ client: dynalite.client, tables, clock: () => now, keep: KEEP });
  });

  const insert = async ({ records }: ReturnType<typeof open>, stored: readonly StoredRecord[]) => {
    for (let at = 0; at < stored.length; at += 100) await records.insert(stored.slice(at, at + 100));
  };

  async function answer(question: Parameters<typeof asking>[0], service: () => QueryService = open, limit = 100) {
    const found: string[] = [];
    let [cursor, dearest]: [string | undefined, number] = [undefined, 0];
    do {
      const { requests } = await counted.during(async () => {
        const page = await queryRecords({ question: asking(question), limit, cursor }, service());
        found.push(...page.records.map(({ auditId }) => auditId));
        cursor = page.cursor;
      });
      dearest = Math.max(dearest, requests);
    } while (cursor !== undefined);
    return { found, dearest };
  }

  it('do not prevent queries about the whole cluster or a time range, newest first, at a bounded cost', async () => {
    const here = open();
    const own = ['shop', 'pay', 'ops'].map(succeeded);
    const stored = [...own, ...invented(1_000), succeeded('shop')];
    await insert(here, stored);
    const bounded = () => open().within(new RequestBudget().try());
    for (const question of [{ cluster: 'prod-1' }, { from: new Date(NOW - DAY).toISOString() }]) {
      const { found, dearest } = await answer(question, bounded);
      expect(found).toEqual(stored.map(({ record }) => String(record.auditId)).toReversed());
      expect(dearest).toBeLessThan(MOST_UNPROVEN + 50);
    }
  });

  it('hide nothing of one that is proven by one process while another stores it with the unproven ones', async () => {
    await insert(open(), invented(MOST_UNPROVEN));
    const elsewhere = listed('shop');
    const here = succeeded('shop');
    let isMet = false;
    dynalite.client.middlewareStack.add(
      (next) => async (given) => {
        const request = JSON.stringify(given.input);
        if (!isMet && 'Item' in given.input && request.includes('spread of') && request.includes('shop')) {
          isMet = true;
          await insert(open(), [elsewhere]);
        }
        return next(given);
      },
      { name: 'meeting', step: 'build' },
    );
    await insert(open(), [here]);
    dynalite.client.middlewareStack.remove('meeting');
    expect(isMet).toBe(true);
    const { found } = await answer({ cluster: 'prod-1', namespace: 'shop' });
    expect(found.toSorted()).toEqual(auditIds([elsewhere, here]));
  });

  it('are each found by name, with or without the cluster', async () => {
    const stored = invented(MOST_UNPROVEN + 30);
    await insert(open(), stored);
    for (const record of [stored[3], stored[MOST_UNPROVEN + 20]]) {
      const namespace = record?.record.request?.namespace ?? '';
      const wanted = [String(record?.record.auditId)];
      expect((await answer({ cluster: 'prod-1', namespace })).found).toEqual(wanted);
      expect((await answer({ namespace })).found).toEqual(wanted);
      expect((await answer({ namespace, notCluster: 'prod-1' })).found).toEqual([]);
    }
  });

  it('do not fill the directory', async () => {
    const here = open();
    await insert(here, [...invented(MOST_UNPROVEN + 200), succeeded('shop')]);
    const { entries } = await open().directory.known('namespace', '', { limit: 1_000 });
    expect(entries).toHaveLength(MOST_UNPROVEN + 1);
    expect(entries.map(({ name }) => name)).toContain('shop');
  });

  it('do not displace one that exists: a successful request in it proves that, a list does not', async () => {
    const here = open();
    await insert(here, invented(MOST_UNPROVEN));
    await insert(here, [succeeded('shop'), listed('nowhere')]);
    const { entries } = await open().directory.known('namespace', '', { limit: 1_000 });
    const names = entries.map(({ name }) => name);
    expect(names).toContain('shop');
    expect(names).not.toContain('nowhere');
  });

  it('do not displace one that is proven later: its earlier and later records are found together', async () => {
    const [here, there] = [open(), open()];
    await insert(here, invented(MOST_UNPROVEN + 5));
    const [before, first, after] = [[request('shop')], [succeeded('shop')], [request('shop'), listed('shop')]];
    await insert(here, before);
    await insert(there, first);
    await insert(here, after); // which still takes it for an invention
    now = epochMillis(NOW + DAY);
    const later = [request('shop')];
    await insert(here, later);
    const stored = auditIds([...before, ...first, ...after, ...later]);
    for (const question of [{ cluster: 'prod-1', namespace: 'shop' }, { namespace: 'shop' }])
      expect((await answer(question)).found.toSorted()).toEqual(stored);
    expect((await answer({ cluster: 'prod-1' })).found).toEqual(expect.arrayContaining(stored));
    now = epochMillis(NOW + KEEP.records + DAY / 2); // the first are over
    const last = [request('shop')];
    await insert(there, last);
    expect((await answer({ cluster: 'prod-1', namespace: 'shop' })).found.toSorted()).toEqual(
      auditIds([...later, ...last]),
    );
  });

  it('are counted as one, however many processes write them', async () => {
    const processes = [open(), open(), open()];
    const batches = processes.map((_, at) => invented(MOST_UNPROVEN, at * 1_000));
    await Promise.all(processes.map((process, at) => insert(process, batches[at] ?? [])));
    const { entries } = await open().directory.known('namespace', '', { limit: 1_000 });
    expect(entries.length).toBeLessThanOrEqual(MOST_UNPROVEN);
    expect((await answer({ cluster: 'prod-1' })).found.toSorted()).toEqual(auditIds(batches.flat()));
  });

  it('stay in their place when records are corrected, and no correction lists them', async () => {
    const here = open();
    const stored = invented(MOST_UNPROVEN + 10);
    await insert(here, stored);
    const { records } = await here.records.query(
      { by: 'other-namespaces', accounts: 'all', clusters: undefined },
      {},
      { limit: 100 },
    );
    expect(records).toHaveLength(10);
    await here.records.correct(records);
    expect((await answer({ cluster: 'prod-1' })).found.toSorted()).toEqual(auditIds(stored));
    expect((await open().directory.known('namespace', '', { limit: 1_000 })).entries).toHaveLength(MOST_UNPROVEN);
  });
});
