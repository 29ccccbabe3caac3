import { afterAll, beforeAll } from 'vitest';
import { FedTables } from './fed-tables.ts';
import { storesContract } from './stores.ts';

let fed: FedTables;
beforeAll(async () => {
  fed = await FedTables.begin();
});
afterAll(() => fed.end());

storesContract((clock) => fed.stores(clock));
