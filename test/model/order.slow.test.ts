import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mulberry32 } from '../../examples/random.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { MINUTE } from '../../lib/time.ts';
import { cases } from '../builders/chance.ts';
import { utc } from '../builders/company.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock, type Stores } from '../usecases/service.ts';
import { storyRecords } from './drawn.ts';
import { noticesOf } from './notices.ts';
import { Crashes, comparable, drain, STEPS, STEPS_OF_ONE, type World } from './steps.ts';
import { GRANT_DELIVERIES } from './story.ts';

const START = utc('12:11:00');
const MEMORY_RUNS = cases(100, 1_000);
const DYNALITE_RUNS = cases(1, 4);
const ALERT_WINDOW = 15 * MINUTE;
const ORDERS = fc.oneof(
  fc.commands(STEPS, { maxCommands: 40 }),
  fc.commands(STEPS_OF_ONE, { maxCommands: 20, size: 'max' }),
);

/** `isListed`: whether LookupEvents ever returns a record. */
function worldOf(
  stores: Stores,
  clock: SetClock,
  crashes: Crashes,
  isListed: () => boolean = () => true,
  alertWindow = 0,
): World {
  const service = new Service(stores, clock, { alertWindow, beforePublish: crashes.beforeWrite });
  service.trail.records = GRANT_DELIVERIES.flat().filter(isListed);
  return { service, crashes, done: new Set() };
}

/** Returns the records if everything comes in order, and nothing is lost or late. */
async function reference(): Promise<readonly StoredRecord[]> {
  const clock = new SetClock(START);
  const stores = memoryStores(calmWorld(clock.now));
  await drain(worldOf(stores, clock, new Crashes()));
  return stores.records.all();
}

describe('the order of ingest, grants and settle', () => {
  let expected: unknown;
  beforeAll(async () => {
    expected = comparable(await reference());
  });

  it('leads to every status but pending', async () => {
    const statuses = (await reference()).map(({ record }) => record.attribution.status);
    expect([...new Set(statuses)].sort()).toEqual(['ambiguous', 'attributed', 'system', 'unattributed']);
  });

  it('never changes the final table: in memory, with crashes, late indexes and lost look-ups', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), ORDERS, async (seed, commands) => {
        const clock = new SetClock(START);
        const crashes = new Crashes();
        const random = mulberry32(seed);
        const stores = memoryStores({ clock: clock.now, random, beforeWrite: crashes.beforeWrite });
        const alertWindow = random() < 0.5 ? 0 : ALERT_WINDOW;
        const world = worldOf(stores, clock, crashes, () => random() < 0.5, alertWindow);
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        await drain(world);
        expect(comparable(stores.records.all())).toEqual(expected);
        expectTold(world, stores.records.all());
      }),
      { numRuns: MEMORY_RUNS },
    );
  });

  describe('over dynalite', () => {
    let dynalite: RunningDynalite;
    beforeAll(async () => {
      dynalite = await RunningDynalite.start();
    });
    afterAll(() => dynalite.stop());

    it('never changes the final table', async () => {
      await fc.assert(
        fc.asyncProperty(fc.commands(STEPS, { maxCommands: 20 }), async (commands) => {
          const clock = new SetClock(START);
          const crashes = new Crashes();
          const stores = await dynalite.stores(clock.now, crashes.beforeWrite);
          const world = worldOf(stores, clock, crashes, () => true, ALERT_WINDOW);
          await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
          await drain(world);
          expect(comparable(await storyRecords(stores))).toEqual(expected);
          expectTold(world, await storyRecords(stores));
          await stores.drop();
        }),
        { numRuns: DYNALITE_RUNS },
      );
    });
  });
});

/**
 * Expects that each unidentified claim was reported last as an alert or in a digest, and that each reported claim which
 * is identified now was withdrawn.
 */
function expectTold({ service }: World, records: readonly StoredRecord[]): void {
  const last = new Map(noticesOf(service).map(({ claimId, kind }) => [claimId, kind]));
  for (const [claimId = '', members] of Map.groupBy(records, (record) => record.claimId)) {
    expect(last.get(claimId)).toBe(isUnnamed(members) ? 'alert' : last.has(claimId) ? 'resolved' : undefined);
  }
}

function isUnnamed(members: readonly StoredRecord[]): boolean {
  const statuses = members.map(({ record }) => record.attribution.status);
  return statuses.includes('unattributed') || statuses.includes('ambiguous');
}
