import { afterAll, beforeAll } from 'vitest';
import { DirectReads } from '../../lib/adapters/dynamodb/direct-reads.ts';
import { claimsContract } from './claims.ts';
import { countsContract } from './counts.ts';
import { directoryContract } from './directory.ts';
import { notesContract } from './notes.ts';
import { NOW } from './now.ts';
import { recordStoreContract } from './record-store.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { sessionStoreContract } from './session-store.ts';

/** The stores as the service has them, which read past most of the SDK, hold to what all stores promise. */

let dynalite: RunningDynalite;
let direct: DirectReads;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
  direct = new DirectReads(dynalite.client);
});
afterAll(() => dynalite.stop());

const stores = (clock = () => NOW) => dynalite.stores(clock, undefined, direct);

sessionStoreContract(async (clock) => (await stores(clock)).sessions);
recordStoreContract(async (clock) => (await stores(clock)).records);
claimsContract(async (clock) => (await stores(clock)).claims);
countsContract(async (clock) => (await stores(clock)).counts);
notesContract(async (clock) => (await stores(clock)).notes);
directoryContract(stores);
