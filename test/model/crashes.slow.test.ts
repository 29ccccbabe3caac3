import { afterAll, beforeAll, describe } from 'vitest';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { crashedIngest, crashedSettle, type Opening } from './crash-before-write.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

const inDynalite: Opening = (clock, beforeWrite) => dynalite.stores(clock.now, beforeWrite);

describe('a crash before any write, in dynalite', () => {
  crashedIngest(inDynalite);
  crashedSettle(inDynalite);
});
