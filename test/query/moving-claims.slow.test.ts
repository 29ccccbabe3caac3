import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { cases } from '../builders/chance.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';
import { checkMany, checkRecords, checkSessions, MovingClaims, startingClock, stories } from './moving-claims.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

async function withTables(check: (claims: MovingClaims) => Promise<void>): Promise<void> {
  const clock = startingClock();
  const stores = await dynalite.stores(clock.now);
  await check(new MovingClaims(stores, clock));
  await stores.drop();
}

describe('in the tables, whatever sessions do between two pages of any size,', () => {
  it('/sessions has each existing one once', async () => {
    await fc.assert(
      fc.asyncProperty(stories, (story) => withTables((claims) => checkSessions(story, claims))),
      { numRuns: cases(12, 400) },
    );
  });

  it('/records by status has the records of each existing one once', async () => {
    await fc.assert(
      fc.asyncProperty(stories, (story) => withTables((claims) => checkRecords(story, claims))),
      { numRuns: cases(12, 400) },
    );
  });
});

describe('with more sessions than a cursor can note,', () => {
  const inMemory = () => {
    const clock = startingClock();
    return new MovingClaims(memoryStores(calmWorld(clock.now)), clock);
  };

  it('/sessions has each existing one, and repeats only those that moved in between', () =>
    checkMany(inMemory(), (all, between) => all.sessions({ limit: 100 }, between)));

  it('/records has the records of each existing one, and repeats only those that moved in between', () =>
    checkMany(inMemory(), (all, between) => all.records(100, between)));

  it('the same holds in the tables', () =>
    withTables((claims) => checkMany(claims, (all, between) => all.sessions({ limit: 100 }, between))));
});
