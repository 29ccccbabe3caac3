import type { DynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { alertBoardContract } from './alert-board.ts';
import { attemptsContract } from './attempts.ts';
import { claimsContract } from './claims.ts';
import { countsContract } from './counts.ts';
import { directoryContract } from './directory.ts';
import { heartbeatsContract } from './heartbeats.ts';
import { intentsContract } from './intents.ts';
import { leasesContract } from './leases.ts';
import { notesContract } from './notes.ts';
import { NOW } from './now.ts';
import { recordStoreContract } from './record-store.ts';
import { sessionStoreContract } from './session-store.ts';
import { volumesContract } from './volumes.ts';
import { waitsContract } from './waits.ts';

/** Defines the tests of all of the service's stores, wherever their requests go. Each test starts with empty tables. */
export function storesContract(open: (clock: Clock) => Promise<DynamoDbStores>): void {
  const stores = (clock: Clock = () => NOW) => open(clock);
  sessionStoreContract(async (clock) => (await stores(clock)).sessions);
  heartbeatsContract(async (clock) => (await stores(clock)).heartbeats);
  volumesContract(async (clock) => (await stores(clock)).volumes);
  attemptsContract(async () => (await stores()).attempts);
  notesContract(async (clock) => (await stores(clock)).notes);
  countsContract(async (clock) => (await stores(clock)).counts);
  directoryContract(stores);
  recordStoreContract(async (clock) => (await stores(clock)).records);
  claimsContract(async (clock) => (await stores(clock)).claims);
  waitsContract(async (clock) => (await stores(clock)).waits);
  intentsContract(async (clock) => (await stores(clock)).intents);
  leasesContract(async () => (await stores()).leases);
  alertBoardContract(async () => (await stores()).alertBoard);
}
