import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Clock } from '../../lib/ports/clock.ts';
import { alertBoardContract, held } from './alert-board.ts';
import { claimsContract } from './claims.ts';
import { countsContract } from './counts.ts';
import { directoryContract } from './directory.ts';
import { intent, intentsContract } from './intents.ts';
import { leaseContract } from './lease.ts';
import { notesContract } from './notes.ts';
import { later, NOW } from './now.ts';
import { recordStoreContract } from './record-store.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { sessionStoreContract } from './session-store.ts';
import { waitsContract } from './waits.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

const stores = (clock: Clock = () => NOW) => dynalite.stores(clock);

alertBoardContract(async () => (await stores()).alertBoard);

it('a held alert that cannot be read is told of, and keeps none of the others back', async () => {
  const { alertBoard, tables } = await stores();
  const Item = { partition: 'alerts held', sort: '00000000000000001.odd', held: { group: 'of a newer version' } };
  await dynalite.client.send(new PutCommand({ TableName: tables.claims, Item }));
  await alertBoard.hold(held('one', NOW));
  expect(await alertBoard.nextDue()).toBe(0.001);
  expect(await alertBoard.held(10)).toMatchObject({
    held: [{ claimId: 'one' }],
    faulty: [{ id: '00000000000000001.odd', fault: { code: 'item-unreadable' } }],
  });
});
sessionStoreContract(async (clock) => (await stores(clock)).sessions);
notesContract(async (clock) => (await stores(clock)).notes);
countsContract(async (clock) => (await stores(clock)).counts);
directoryContract(stores);
recordStoreContract(async (clock) => (await stores(clock)).records);
claimsContract(async (clock) => (await stores(clock)).claims);
waitsContract(async (clock) => (await stores(clock)).waits);
intentsContract(async (clock) => (await stores(clock)).intents);
leaseContract(async () => (await stores()).lease);

it('intents are read as version 0.1 announced them', async () => {
  const { intents, tables } = await stores();
  const openings = [intent('one', { first: NOW, last: NOW })];
  const place = { partition: 'delivery old', sort: 'part', dueList: 'announced', due: NOW };
  const Item = { ...place, delivery: 'old', openings, expires: NOW / 1_000 + 60 };
  await dynalite.client.send(new PutCommand({ TableName: tables.claims, Item }));
  const { announced } = await intents.forgotten(later(1));
  expect(announced).toEqual([{ delivery: 'old', part: 'part', at: NOW, intents: openings }]);
});
