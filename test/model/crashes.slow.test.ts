import { afterAll, beforeAll, describe } from 'vitest';
import { IS_SOAK } from '../builders/chance.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { crashedIngest, crashedSettle, type Opening } from './crash-before-write.ts';

/** `npm test` has a crash before each write, in memory. */
const EVERY = IS_SOAK ? 1 : 3;

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

const inDynalite: Opening = (clock, beforeWrite) => dynalite.stores(clock.now, beforeWrite);

describe('a crash before any write, in dynalite', () => {
  crashedIngest(inDynalite, EVERY);
  crashedSettle(inDynalite, EVERY);
});
