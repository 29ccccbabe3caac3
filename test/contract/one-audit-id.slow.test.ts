import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import { RequestBudget } from '../../lib/ports/budget.ts';
import { PositionError } from '../../lib/ports/paging.ts';
import { epochMillis, HOUR } from '../../lib/time.ts';
import { writeCursor } from '../../lib/usecases/query/cursor.ts';
import { queryRecords, tagOfQuestion } from '../../lib/usecases/query/records-query.ts';
import type { QueryService } from '../../lib/usecases/query/records-request.ts';
import type { QueriedTables } from '../../lib/usecases/query/visible-tables.ts';
import { whois } from '../../lib/usecases/query/whois.ts';
import { related } from '../../lib/usecases/related/related.ts';
import { storedSource } from '../../lib/usecases/related/related-source.ts';
import { roleUser } from '../builders/audit-event.ts';
import { asking } from '../builders/question.ts';
import { CountedRequests } from './counted-requests.ts';
import { NOW } from './now.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { storedRecord } from './stored-record.ts';

/** A look-up of callers that knows nobody. No story here has changes of clusters. */
const NOBODY = () => Promise.reject(new Error('no change of a cluster'));

/** The length of a record, in bytes. An answer of DynamoDB, 1 MB, holds three or four of these, but some thousand usual ones. */
const LONG = 300_000;
const COUNT = 200;
const BUDGET = 200;

const nameOf = (number: number) => `web-${number}`;
const timeOf = (number: number) => new Date(NOW - HOUR + number * 1_000).toISOString();

/** Accounts that hand over one of these requests each. All others have the cluster's own account. */
const SENDERS = ['222233334444', '333344445555', '444455556666', '555566667777'];

/** One of the requests for which a client chose the same audit ID. */
function reused(number: number, auditID = 'reused', namespace = 'shop') {
  const stored = storedRecord({
    auditID,
    user: roleUser({ session: `user-${number}`, key: null }),
    requestReceivedTimestamp: timeOf(number),
    objectRef: { resource: 'pods', namespace, name: nameOf(number), apiVersion: 'v1' },
  });
  const { record } = stored;
  return { ...stored, record: { ...record, caller: { ...record.caller, groups: ['g'.repeat(LONG)] } } };
}

describe('an audit ID with more records than can be sorted', () => {
  let dynalite: RunningDynalite;
  let counted: CountedRequests;
  let stores: Awaited<ReturnType<RunningDynalite['stores']>>;
  const numbers = Array.from({ length: COUNT }, (_, at) => at);
  beforeAll(async () => {
    dynalite = await RunningDynalite.start();
    counted = new CountedRequests(dynalite.client);
    stores = await dynalite.stores(() => NOW);
    await stores.records.insert(numbers.map((number) => reused(number)));
    await stores.records.insert([reused(7, 'another')]);
    await stores.records.insert(
      SENDERS.map((handedOverBy, at) => {
        const { record, ...stored } = reused(60 + at, 'copied', 'web');
        return { ...stored, record: { ...record, origin: { handedOverBy } } };
      }),
    );
    await stores.records.insert(numbers.map((number) => reused(number, 'copied', 'web')));
  });
  afterAll(() => dynalite.stop());
  let bounded: () => QueryService & Pick<QueriedTables, 'records' | 'claims'>;
  beforeEach(() => {
    bounded = () => stores.within(new RequestBudget(BUDGET).try());
  });

  async function pages(question: Parameters<typeof asking>[0], limit: number, first?: string) {
    const found: string[] = [];
    let [cursor, dearest]: [string | undefined, number] = [first, 0];
    do {
      const { requests } = await counted.during(async () => {
        const answer = await queryRecords({ question: asking(question), limit, cursor }, bounded());
        found.push(...answer.records.map(({ request }) => String(request?.name)));
        cursor = answer.cursor;
        expect(answer.inOrder).toBe(false);
        expect(answer.records.length === limit || answer.cursor === undefined || answer.examined > 0).toBe(true);
      });
      dearest = Math.max(dearest, requests);
    } while (cursor !== undefined && found.length < 2 * COUNT);
    return { found, dearest };
  }

  it('is answered page by page, each record once, each page within its budget', async () => {
    const { found, dearest } = await pages({ auditId: 'reused' }, 20);
    expect(found.toSorted()).toEqual(numbers.map(nameOf).toSorted());
    expect(dearest).toBeLessThanOrEqual(BUDGET / 2);
  });

  it('can be combined with another one, and with other filters', async () => {
    const both = await pages({ auditId: ['reused', 'another'] }, 150);
    expect(both.found.toSorted()).toEqual([...numbers, 7].map(nameOf).toSorted());
    expect((await pages({ auditId: 'reused', object: 'web-99' }, 10)).found).toEqual(['web-99']);
    expect((await pages({ auditId: 'reused', from: timeOf(40), to: timeOf(44) }, 3)).found.toSorted()).toEqual(
      [40, 41, 42, 43, 44].map(nameOf),
    );
  });

  it('continues after a sorted page from the time when there were fewer records', async () => {
    const question = asking({ auditId: 'reused' });
    const { records } = await queryRecords({ question: asking({ auditId: 'another' }), limit: 1 }, bounded());
    expect(records).toHaveLength(1);
    const [{ positions }] = [
      await stores.records.query(
        { by: 'namespace', clusterKey: clusterKeyOf({ cluster: 'prod-1' }), namespace: 'shop' },
        {},
        { limit: 30 },
      ),
    ];
    const first = writeCursor({ records: positions.at(-1), of: tagOfQuestion(question) });
    const { found } = await pages({ auditId: 'reused' }, 150, first);
    expect(found.length).toBeGreaterThan(COUNT - 35);
    expect(found.length).toBeLessThan(COUNT - 25);
    expect(new Set(found).size).toBe(found.length);
    expect(found).not.toContain(nameOf(COUNT - 1));
    expect(found).toContain(nameOf(0));
  });

  it('refuses a position that it did not return', async () => {
    const question = asking({ auditId: 'reused' });
    for (const records of ['key.', 'key.0000.id.', 'key.reused0.id.'])
      await expect(
        queryRecords({ question, limit: 1, cursor: writeCursor({ records, of: tagOfQuestion(question) }) }, bounded()),
      ).rejects.toThrow(PositionError);
  });

  it('names no latest record, because none is known, and says how to query', async () => {
    const given = { by: 'audit-id', auditId: auditIdOf('reused') } as const;
    const service = { clock: () => NOW, settings: DEFAULT_SETTINGS, deadline: HOUR, lookups: undefined };
    await expect(whois(given, { ...bounded(), ...service })).rejects.toThrow('Too many records have this audit ID');
    await expect(related({ auditId: given.auditId }, storedSource(bounded(), NOBODY))).rejects.toThrow(
      'Too many records have this audit ID',
    );
  });

  it('is answered with what belongs to its requests around a time', async () => {
    const at = epochMillis(Date.parse(timeOf(60)));
    const answer = await related({ auditId: auditIdOf('reused'), at }, storedSource(bounded(), NOBODY));
    expect(answer?.requests.length).toBeGreaterThan(0);
  });

  it('is answered with a request of each account that sent some around that time', async () => {
    const at = epochMillis(Date.parse(timeOf(60)));
    const roomy = stores.within(new RequestBudget(5 * BUDGET).try());
    const answer = await related({ auditId: auditIdOf('copied'), at }, storedSource(roomy, NOBODY));
    const senders = answer?.requests.map(({ stages: [record] }) => record?.origin?.handedOverBy);
    expect(senders?.toSorted()).toEqual([...SENDERS, undefined]);
    expect(answer).toMatchObject({ requestsLeftOut: 95, hasMore: true });
  });
});
