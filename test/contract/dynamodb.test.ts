import { afterAll, beforeAll } from 'vitest';
import type { Clock } from '../../lib/ports.ts';
import { claimsContract } from './claims.ts';
import { NOW } from './now.ts';
import { recordStoreContract } from './record-store.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { sessionStoreContract } from './session-store.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

const stores = (clock: Clock = () => NOW) => dynalite.stores(clock);

sessionStoreContract(async (clock) => (await stores(clock)).sessions);
recordStoreContract(async (clock) => (await stores(clock)).records);
claimsContract(async (clock) => (await stores(clock)).claims);
