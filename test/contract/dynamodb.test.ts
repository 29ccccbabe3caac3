import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { held } from './alert-board.ts';
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
