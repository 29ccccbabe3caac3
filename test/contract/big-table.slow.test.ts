import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { Database } from '../../lib/adapters/dynamodb/database.ts';
import { DynamoDbDirectory } from '../../lib/adapters/dynamodb/dynamodb-directory.ts';
import { recordItem } from '../../lib/adapters/dynamodb/record-item.ts';
import { mapConcurrently } from '../../lib/concurrency.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { DAY, epochMillis, HOUR } from '../../lib/time.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { roleUser } from '../builders/audit-event.ts';
import { ROLE_NAME } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { drawFrom } from '../oracle/draw.ts';
import { CountedRequests, type Counts } from './counted-requests.ts';
import { NOW } from './now.ts';
import { KEEP } from './over.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { storedRecord } from './stored-record.ts';

/**
 * As many records as dynalite takes in two minutes or so. What a page costs does not grow with the table, since each query
 * reads no more than its limit: a tenth of these cost the same.
 */
const RECORDS = 120_000;
const DAYS = 30;
const CLUSTERS = ['prod', 'staging'];
const NAMESPACES = ['shop', 'pay', 'ops', 'ci', 'kube-system', '-'];
const SESSIONS = Array.from({ length: 40 }, (_, at) => `user-${at}`);
/** Who came on the last day only. */
const NEW = ['new-0', 'new-1', 'new-2'];
const LIMIT = 100;
/** A namespace's partitions, and an actor's, of an index. */
const SHARDS = 4;
/** BatchGetItem takes so many keys. */
const KEYS = 100;

/** One record of each session, of which the others are made. */
const PATTERNS = new Map(
  [...SESSIONS, ...NEW].map((name) => {
    const key = `ASIA${name.toUpperCase().replace('-', '')}SESSION0001`;
    return [
      name,
      storedRecord({ user: roleUser({ session: name, key }) }, [
        grant({ id: name, session: name, key, by: iamUser(name) }),
      ]),
    ];
  }),
);

/** Spread evenly over the days, in no order. */
function generated(): StoredRecord[] {
  const draw = drawFrom(7);
  return Array.from({ length: RECORDS }, (_, number): StoredRecord => {
    const at = epochMillis(NOW - draw.below(DAYS * DAY));
    const isLate = at > NOW - DAY;
    const pattern = PATTERNS.get(draw.pick(isLate ? [...SESSIONS, ...NEW] : SESSIONS));
    if (pattern === undefined) throw new Error('no pattern');
    const namespace = draw.pick(NAMESPACES);
    const request = {
      ...pattern.record.request,
      namespace: namespace === '-' ? undefined : namespace,
      name: number % 1_000 === 0 ? 'feature-flags' : `web-${number}`,
    };
    const record = {
      ...pattern.record,
      auditId: `event-${number}`,
      time: new Date(at).toISOString(),
      cluster: draw.pick(CLUSTERS),
      request,
    };
    return { ...pattern, id: sha256(`event ${number}`), at, record: JSON.parse(JSON.stringify(record)) };
  });
}

describe(`a table of ${RECORDS.toLocaleString('en-US')} records`, () => {
  let dynalite: RunningDynalite;
  let stores: Awaited<ReturnType<RunningDynalite['stores']>>;
  let requests: CountedRequests;
  const records = generated();

  beforeAll(async () => {
    dynalite = await RunningDynalite.start();
    stores = await dynalite.stores(() => NOW);
    const database = new Database(dynalite.client);
    const directory = { database, table: stores.tables.claims, clock: () => NOW, keep: KEEP.records };
    await new DynamoDbDirectory(directory).note(records);
    // What is filed beside records is filed by storing them: one of each actor does it, and the others are written as they are.
    const ofActors = Map.groupBy(records, ({ record }) => record.attribution.actor?.name);
    await stores.records.insert([...ofActors.values()].flatMap(([first]) => first ?? []));
    const client = DynamoDBDocumentClient.from(dynalite.client, { marshallOptions: { removeUndefinedValues: true } });
    const batches = Array.from({ length: RECORDS / 25 }, (_, at) => records.slice(at * 25, at * 25 + 25));
    await mapConcurrently(batches, (batch) =>
      client.send(
        new BatchWriteCommand({
          RequestItems: {
            [stores.tables.records]: batch.map((each) => ({
              PutRequest: { Item: recordItem(each, 1, 2_000_000_000) },
            })),
          },
        }),
      ),
    );
    requests = new CountedRequests(dynalite.client);
  });
  afterAll(() => dynalite.stop());

  /** Pages as they come, until there are no more, or so many: what each cost. */
  async function pages(question: Parameters<typeof asking>[0], most = Number.POSITIVE_INFINITY) {
    const found: string[] = [];
    const costs: (Counts & { readonly examined: number })[] = [];
    let cursor: string | undefined;
    do {
      let examined = 0;
      const counts = await requests.during(async () => {
        const answer = await queryRecords({ question: asking(question), limit: LIMIT, cursor }, stores);
        ({ cursor, examined } = answer);
        found.push(...answer.records.map(({ auditId }) => auditId));
      });
      costs.push({ ...counts, examined });
    } while (cursor !== undefined && costs.length < most);
    return { found, costs, first: costs[0] ?? { requests: 0, items: 0, examined: 0 } };
  }

  const meant = (isMeant: (record: StoredRecord) => boolean) =>
    records.filter(isMeant).toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0));
  const since = epochMillis(NOW - 2 * HOUR);
  const from = new Date(since).toISOString();

  it('tells all that was done in a cluster in the last two hours, in requests that its namespaces bound', async () => {
    const { found, costs, first } = await pages({ cluster: 'prod', from });
    const wanted = meant(({ at = 0, record }) => record.cluster === 'prod' && at >= since);
    expect(found.toSorted()).toEqual(wanted.map(({ record }) => record.auditId).toSorted());
    expect(wanted.length).toBeGreaterThan(LIMIT);
    // The directory, each partition once or twice, and the records themselves.
    expect(first.requests).toBeLessThanOrEqual(1 + 2 * SHARDS * NAMESPACES.length + Math.ceil(LIMIT / KEYS));
    expect(first.examined).toBe(LIMIT);
    for (const { items } of costs) expect(items).toBeLessThanOrEqual(6 * LIMIT);
  });

  it("tells a role's records by its sessions", async () => {
    const { found, costs, first } = await pages({ role: ROLE_NAME, from });
    const wanted = meant(({ at = 0 }) => at >= since);
    expect(found.toSorted()).toEqual(wanted.map(({ record }) => record.auditId).toSorted());
    // The directory twice; of each session its spread, and one query or two; and the records.
    const sessions = SESSIONS.length + NEW.length;
    for (const { requests: count } of costs) expect(count).toBeLessThanOrEqual(2 + 3 * sessions + 6);
    expect(first.items).toBeLessThanOrEqual(sessions + 1_500);
  });

  it('finds an object by its name in one namespace and in a cluster, and says what was read for it', async () => {
    const asked = { cluster: 'prod', namespace: 'shop', object: 'feature-flags' };
    const { found, costs } = await pages(asked);
    const wanted = meant(({ record: { cluster, request } }) => {
      return cluster === 'prod' && request?.namespace === 'shop' && request.name === 'feature-flags';
    });
    expect(found).toEqual(wanted.map(({ record }) => record.auditId));
    for (const cost of costs) {
      expect(cost.examined).toBeLessThanOrEqual(5_250);
      expect(cost.items).toBeLessThanOrEqual(4 * cost.examined);
      expect(cost.requests).toBeLessThanOrEqual((cost.examined / 250 + 1) * (3 * SHARDS + 3));
    }
    const [first] = (await pages({ cluster: 'prod', object: 'feature-flags' }, 1)).costs;
    expect(first?.examined).toBeGreaterThan(0);
    expect(first?.examined).toBeLessThanOrEqual(5_250);
  });

  it('tells what actors did who were first seen in the last two days, by their own partitions', async () => {
    const { found, costs } = await pages({ firstSeenSince: new Date(NOW - 2 * DAY).toISOString() });
    const wanted = meant(({ record }) => NEW.includes(record.attribution.actor?.name ?? ''));
    expect(found.toSorted()).toEqual(wanted.map(({ record }) => record.auditId).toSorted());
    // The directory; of each actor its names, and its partitions once or twice; and the records.
    for (const { requests: count } of costs) expect(count).toBeLessThanOrEqual(1 + NEW.length * (1 + 4 * SHARDS) + 2);
  });

  it('has a first page of one namespace, of an actor, of a session and of an audit id within ten requests', async () => {
    const [pattern] = records;
    for (const question of [
      { cluster: 'prod', namespace: 'shop' },
      { actor: 'user-1' },
      { session: String(pattern?.session) },
      { auditId: 'event-5' },
    ]) {
      const { first } = await pages(question, 1);
      expect(first.requests, JSON.stringify(question)).toBeLessThanOrEqual(10);
      expect(first.items, JSON.stringify(question)).toBeLessThanOrEqual(6 * LIMIT);
    }
  });
});
