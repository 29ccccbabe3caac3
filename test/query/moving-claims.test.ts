import fc from 'fast-check';
import { describe, it } from 'vitest';
import { cases } from '../builders/chance.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';
import { checkRecords, checkSessions, MovingClaims, startingClock, stories } from './moving-claims.ts';

function inMemory(): MovingClaims {
  const clock = startingClock();
  return new MovingClaims(memoryStores(calmWorld(clock.now)), clock);
}

const numRuns = cases(60, 3_000);

describe('whatever sessions do between two pages of any size,', () => {
  it('/sessions has each existing one once', async () => {
    await fc.assert(
      fc.asyncProperty(stories, (story) => checkSessions(story, inMemory())),
      { numRuns },
    );
  });

  it('/records by status has the records of each existing one once', async () => {
    await fc.assert(
      fc.asyncProperty(stories, (story) => checkRecords(story, inMemory())),
      { numRuns },
    );
  });
});
