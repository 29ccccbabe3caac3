import { describe } from 'vitest';
import { memoryStores } from '../usecases/service.ts';
import { crashedIngest, crashedSettle, type Opening } from './crash-before-write.ts';

const inMemory: Opening = async (clock, beforeWrite) => memoryStores({ clock: clock.now, beforeWrite });

describe('a crash before any write, in memory', () => {
  crashedIngest(inMemory);
  crashedSettle(inMemory);
});
