import { BatchWriteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SentRequests } from '../../lib/adapters/dynamodb/database.ts';
import { DynamoDbCounts } from '../../lib/adapters/dynamodb/dynamodb-counts.ts';
import { DynamoDbDirectory } from '../../lib/adapters/dynamodb/dynamodb-directory.ts';
import { DynamoDbRecords } from '../../lib/adapters/dynamodb/dynamodb-records.ts';
import type { CountedRecord } from '../../lib/counts/contribution.ts';
import { hourOf } from '../../lib/counts/hours.ts';
import { MOST_REGIONS } from '../../lib/heartbeats/report.ts';
import { LONGEST_CAUSE, MOST_FAILED, MOST_SPOKES, ROLL_OUT } from '../../lib/heartbeats/roll-out.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { clusterArn, clusterKeyOf, fieldsOfKey } from '../../lib/identity/cluster.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { takeReport } from '../../lib/usecases/heartbeats/reports.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { MOST_PARTITIONS, planSearch } from '../../lib/usecases/query/search-plan.ts';
import { ACCOUNT, ANOTHER_KEY, OTHER_ACCOUNT } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { held } from './alert-board.ts';
import { CountedRequests } from './counted-requests.ts';
import { NOW } from './now.ts';
import { KEEP } from './over.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { storedRecord } from './stored-record.ts';
import { storesContract } from './stores.ts';

let dynalite: RunningDynalite;
let counted: CountedRequests;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
  counted = new CountedRequests(dynalite.client);
});
afterAll(() => dynalite.stop());

storesContract((clock) => dynalite.stores(clock));

it('a held alert that cannot be read is reported, and does not hold back the others', async () => {
  const { alertBoard, tables } = await dynalite.stores(() => NOW);
  const Item = { partition: 'alerts held', sort: '00000000000000001.odd', held: { group: 'of a newer version' } };
  await dynalite.client.send(new PutCommand({ TableName: tables.claims, Item }));
  await alertBoard.hold(held('one', NOW));
  expect(await alertBoard.nextDue()).toBe(0.001);
  expect(await alertBoard.held(10)).toMatchObject({
    held: [{ claimId: 'one' }],
    faulty: [{ id: '00000000000000001.odd', fault: { code: 'item-unreadable' } }],
  });
});

it('a report that is not kept costs at most two requests: the list of an account with too many Regions is looked through once an hour', async () => {
  let now = NOW;
  const { heartbeats } = await dynalite.stores(() => now);
  const report = async (region: string) => {
    let isKept = false;
    const { requests } = await counted.during(async () => {
      isKept = await heartbeats.report({ accountId: '444455556666', region, version: '0.1.0', at: now, clusters: [] });
    });
    return [isKept, requests];
  };
  for (let at = 1; at <= MOST_REGIONS; at += 1) await report(`zz-invented-${at}`);
  expect(await report('zz-invented-1')).toEqual([true, 0]);
  expect(await report('zz-other-1')).toEqual([false, 4]);
  expect(await report('zz-other-2')).toEqual([false, 1]);
  now = epochMillis(NOW + 2 * MINUTE);
  expect(await report('zz-other-3')).toEqual([false, 2]);
  now = epochMillis(NOW + 2 * HOUR);
  expect(await report('zz-other-4')).toEqual([false, 4]);
});

it('a roll-out that is reported again within a minute costs no request: the one that is stored can have 150 KB', async () => {
  let now = NOW;
  const { heartbeats } = await dynalite.stores(() => now);
  const report = async () => {
    const rollOut = { accountId: '000011112222', at: now, spokes: [], failed: [] };
    return (await counted.during(() => heartbeats.rollOut(rollOut))).requests;
  };
  expect([await report(), await report()]).toEqual([2, 0]);
  now = epochMillis(NOW + MINUTE);
  expect([await report(), await report()]).toEqual([2, 0]);
});

it('of the events that state that they issued one token, the earliest thousand are read, however many an account forges', async () => {
  const { sessions } = await dynalite.stores(() => NOW);
  const [credentialId, clusterKey] = ['JTI=forged', clusterKeyOf({ cluster: 'prod' })];
  const tokens = Array.from({ length: 1_100 }, (_, at) => ({
    token: {
      ...{ credentialId, clusterKey, serviceAccount: 'shop:web', caller: { kind: 'kubernetes-user' } as const },
      ...{ auditId: auditIdOf(`issue ${at}`), issuedAt: epochMillis(NOW - at * 1_000) },
    },
  }));
  await sessions.add(tokens);
  const found = await sessions.answer([{ kind: 'tokens-issued', credentialId, clusterKey }], NOW);
  expect(found).toHaveLength(1_000);
  expect(found[0]).toEqual(tokens.at(-1));
});

it('an hour is counted although an account has millions of entries in it: of each cluster and account a part is read', async () => {
  const clock = () => NOW;
  const { tables } = await dynalite.stores(clock);
  const of = { database: new SentRequests(dynalite.client), table: tables.claims, clock, keep: KEEP.records };
  const none = { actor: undefined, namespace: undefined, resource: undefined, code: undefined, flag: undefined };
  const record = (id: string, accountId: string, cluster: string): CountedRecord => ({
    id,
    revision: 1,
    at: NOW,
    clusterKey: clusterKeyOf({ cluster, accountId }),
    traits: { ...none, status: 'pending', verb: 'get', actor: `${id} `.padEnd(100, 'x') },
  });
  const counts = new DynamoDbCounts(of, { requests: 9, entries: 30 });
  for (let at = 0; at < 60; at += 1) await counts.add([record(`${at}`, ACCOUNT, 'flooded')], `delivery ${at}`);
  await counts.add([record('a', ACCOUNT, 'small 1'), record('b', ACCOUNT, 'small 2')], 'small');
  await counts.add([record('c', OTHER_ACCOUNT, 'prod')], 'other');
  const counted = async (store: DynamoDbCounts) => {
    const found: (readonly [cluster: string, total: number, isPartial: boolean])[][] = [];
    for await (const { counts: each } of store.accounts(hourOf(NOW)))
      found.push(
        each
          .map(
            ({ clusterKey, total, isPartial = false }) => [fieldsOfKey(clusterKey).cluster, total, isPartial] as const,
          )
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
    return found;
  };
  expect(await counted(counts)).toEqual([
    [
      ['flooded', 30, true],
      ['small 1', 1, true],
      ['small 2', 1, true],
    ],
    [['prod', 1, false]],
  ]);
  const delivery = (at: number) => Array.from({ length: 2_000 }, (_, i) => record(`${at} ${i}`, ACCOUNT, 'flooded'));
  for (let at = 0; at < 20; at += 1) await counts.add(delivery(at), `large ${at}`);
  const [flooding = [], other] = await counted(new DynamoDbCounts(of, { requests: 1, entries: 100_000 }));
  expect(flooding.every(([, , isPartial]) => isPartial)).toBe(true);
  expect(flooding.reduce((sum, [, total]) => sum + Number(total), 0)).toBeLessThan(40_000);
  expect(other).toEqual([['prod', 1, false]]);
});

it('an account that forges requests of any number of namespaces and clusters gets few places, and adds none to questions about other clusters', async () => {
  const clock = () => NOW;
  const { tables, ...stores } = await dynalite.stores(clock);
  const of = { database: new SentRequests(dynalite.client), clock, keep: KEEP.records };
  const directory = new DynamoDbDirectory({ ...of, table: tables.claims });
  const open = () =>
    new DynamoDbRecords(
      { ...of, table: tables.records, claimsTable: tables.claims, directory },
      { listed: 10, unproven: 5 },
    );
  const request = (accountId: string, cluster: string, namespace: string, code = 200) =>
    storedRecord(
      {
        auditID: `${cluster} ${namespace}`,
        verb: 'get',
        objectRef: { resource: 'pods', namespace, name: 'web-0', apiVersion: 'v1' },
        responseStatus: { code },
      },
      [],
      cluster,
      { cluster, clusterArn: clusterArn({ accountId, region: 'eu-west-1', name: cluster }) },
    );
  const some = (count: number, made: (at: number) => ReturnType<typeof request>) =>
    Array.from({ length: count }, (_, at) => made(at));
  const forged = [
    ...some(7, (at) => request(OTHER_ACCOUNT, 'flooded', `denied-${at}`, 403)),
    ...some(12, (at) => request(OTHER_ACCOUNT, 'flooded', `proven-${at}`)),
    ...some(12, (at) => request(OTHER_ACCOUNT, `invented-${at}`, 'app')),
  ];
  const own = ['shop', 'pay'].map((namespace) => request(ACCOUNT, 'prod', namespace));
  const records = open();
  await records.insert(forged.slice(0, 20));
  await open().insert(forged.slice(20));
  await records.insert(own);
  const { entries } = await directory.known('namespace', '', { limit: 100 });
  expect(Map.groupBy(entries, ({ cluster }) => String(cluster === 'prod')).get('true')).toHaveLength(2);
  expect(entries).toHaveLength(10 + 2);
  expect(await directory.unlisted()).toEqual([OTHER_ACCOUNT]);
  const ask = async (question: Parameters<typeof asking>[0]) => {
    const service = { ...stores, records: open(), directory };
    const { filter, range } = asking(question);
    const way = await planSearch({ filter, range, firstSeenSince: undefined }, service);
    const places = way.by === 'places' ? way.places : [];
    const found = (await queryRecords({ question: asking(question), limit: 100 }, service)).records;
    return {
      partitions: await service.records.read(places, {}, undefined).partitions(),
      found: found.map(({ auditId }) => String(auditId)).toSorted(),
    };
  };
  const ids = (of: readonly StoredRecord[]) => of.map(({ record }) => String(record.auditId)).toSorted();
  expect(await ask({ verb: 'get' })).toEqual({ partitions: 10 + 2 + 1, found: ids([...forged, ...own]) });
  expect(await ask({ cluster: 'prod' })).toEqual({ partitions: 2, found: ids(own) });
  expect(await ask({ cluster: 'flooded' })).toMatchObject({ found: ids(forged.slice(0, 19)) });
  for (const [at, { record }] of forged.entries())
    expect([
      at,
      (await ask({ cluster: record.cluster ?? '', namespace: record.request?.namespace ?? '' })).found,
    ]).toEqual([at, [record.auditId]]);
  for (const cluster of [
    'invented-11',
    clusterArn({ accountId: OTHER_ACCOUNT, region: 'eu-west-1', name: 'invented-11' }) ?? '',
    '*ted-11',
  ])
    expect((await ask({ cluster })).found).toEqual(['invented-11 app']);
  expect((await ask({ namespace: 'app', notCluster: 'invented-1?' })).found).toEqual(ids(forged.slice(19, 29)));
});

it('the sessions of an access key are read up to a number that no question merges, however many forged records add', async () => {
  const { records, tables } = await dynalite.stores(() => NOW);
  const items = Array.from({ length: 1_200 }, (_, at) => ({
    partition: `session ${ANOTHER_KEY}`,
    sort: `forged ${at}`,
  }));
  for (let at = 0; at < items.length; at += 25) {
    const puts = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await dynalite.client.send(new BatchWriteCommand({ RequestItems: { [tables.claims]: puts } }));
  }
  const { length } = await records.sessionsOf(ANOTHER_KEY);
  expect(length).toBe(1_000);
  expect(length).toBeGreaterThan(MOST_PARTITIONS);
});

it('a roll-out fits into an item, whatever Regions and reasons it states, and whenever each account was added', async () => {
  let now = NOW;
  const { heartbeats, volumes } = await dynalite.stores(() => now);
  const account = (at: number) => String(100_000_000_000 + at);
  const report = (accountId: string, deployed: object) => {
    const failed = Array.from({ length: MOST_FAILED }, (_, at) => ({
      ...{ account: account(at), region: 'eu-west-1', why: '\u8b1d'.repeat(LONGEST_CAUSE) },
    }));
    return takeReport(
      { source: ROLL_OUT.source, 'detail-type': ROLL_OUT.detailType, account: accountId, detail: { deployed, failed } },
      { heartbeats, volumes, clock: () => now, ceiling: 0 },
    );
  };
  const invented = Array.from({ length: 8_000 }, (_, at) => [`zz-invented-${at}`, [account(at)]]);
  expect(await report('444455556666', Object.fromEntries(invented))).toBe(true);
  await heartbeats.rollOut({
    ...{ accountId: '000011112222', at: now, failed: [] },
    spokes: Array.from({ length: MOST_SPOKES }, (_, at) => ({
      ...{ region: `eu-west-${at % MOST_REGIONS}`, since: epochMillis(now - at * MINUTE), accounts: [account(at)] },
    })),
  });
  now = epochMillis(now + HOUR);
  const regions = Array.from({ length: MOST_REGIONS }, (_, region) => [
    `eu-west-${region}`,
    Array.from({ length: MOST_SPOKES / MOST_REGIONS }, (_, at) => account(at * MOST_REGIONS + region)),
  ]);
  expect(await report('000011112222', Object.fromEntries(regions))).toBe(true);
  const stored = (await heartbeats.rollOuts()).map(({ spokes }) => spokes.flatMap(({ accounts }) => accounts).length);
  expect(stored.toSorted((a, b) => a - b)).toEqual([MOST_REGIONS, MOST_SPOKES]);
});
