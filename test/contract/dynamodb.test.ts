import { BatchWriteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MOST_REGIONS } from '../../lib/heartbeats/report.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { MOST_PARTITIONS } from '../../lib/usecases/query/way-in.ts';
import { ANOTHER_KEY } from '../builders/company.ts';
import { held } from './alert-board.ts';
import { CountedRequests } from './counted-requests.ts';
import { NOW } from './now.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { storesContract } from './stores.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
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
  const counted = new CountedRequests(dynalite.client);
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
