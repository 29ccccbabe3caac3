import { afterAll, beforeAll } from 'vitest';
import { alertBoardContract } from './alert-board.ts';
import { claimsContract, NOW } from './claims.ts';
import { recordStoreContract } from './record-store.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { sessionStoreContract } from './session-store.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

const stores = () => dynalite.stores(() => NOW);

sessionStoreContract(async () => (await stores()).sessions);
recordStoreContract(async () => (await stores()).records);
claimsContract(async () => (await stores()).claims);
alertBoardContract(async () => (await stores()).alertBoard);
