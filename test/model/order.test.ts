import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { MINUTE } from '../../lib/time.ts';
import { utc } from '../builders/company.ts';
import { cases } from '../builders/thoroughness.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock, type Stores } from '../usecases/service.ts';
import { randomOf, storyRecords } from './drawn.ts';
import { Crashes, comparable, drain, STEPS, type World } from './steps.ts';
import { GRANT_DELIVERIES } from './story.ts';

const START = utc('12:11:00');
const MEMORY_RUNS = cases(100, 1_000);
const DYNALITE_RUNS = cases(1, 4);
const ALERT_WINDOW = 15 * MINUTE;

/** `isListed`: whether LookupEvents will ever find a record. */
function worldOf(
  stores: Stores,
  clock: SetClock,
  crashes: Crashes,
  isListed: () => boolean = () => true,
  alertWindow = 0,
): World {
  const service = new Service(stores, clock, { alertWindow });
  service.trail.records = GRANT_DELIVERIES.flat().filter(isListed);
  return { service, crashes, done: new Set() };
}

/** Everything in order, nothing lost, nothing late. */
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
      fc.asyncProperty(fc.integer(), fc.commands(STEPS, { maxCommands: 40 }), async (seed, commands) => {
        const clock = new SetClock(START);
        const crashes = new Crashes();
        const random = randomOf(seed);
        const stores = memoryStores({ clock: clock.now, random, beforeWrite: crashes.beforeWrite });
        const alertWindow = random() < 0.5 ? 0 : ALERT_WINDOW;
        const world = worldOf(stores, clock, crashes, () => random() < 0.5, alertWindow);
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        await drain(world);
        expect(comparable(stores.records.all())).toEqual(expected);
        expectTold(world, stores.records.all());
        if (alertWindow === 0) expectAlerts(world, stores.records.all());
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

/** Never missing, by themselves or in a digest: alerts of whoever stays unnamed, and for whoever is named, what takes them back. */
function expectTold({ service: { outbox } }: World, records: readonly StoredRecord[]): void {
  const sessions = outbox.digests.flatMap(({ groups }) =>
    groups.flatMap(({ kind, listed }) => listed.map(({ claimId }) => ({ kind, claimId }))),
  );
  const told = new Set([...outbox.alerts, ...sessions].map(({ kind, claimId }) => `${kind} ${claimId}`));
  for (const [claimId = '', members] of Map.groupBy(records, (record) => record.claimId)) {
    if (isUnnamed(members)) expect(told).toContain(`alert ${claimId}`);
    else expect(told.has(`resolved ${claimId}`)).toBe(told.has(`alert ${claimId}`));
  }
}

function isUnnamed(members: readonly StoredRecord[]): boolean {
  const statuses = members.map(({ record }) => record.attribution.status);
  return statuses.includes('unattributed') || statuses.includes('ambiguous');
}

/** In that order: whoever stays unnamed was told of, and whoever was told of and is named now was taken back. */
function expectAlerts({ service }: World, records: readonly StoredRecord[]): void {
  const last = new Map(service.outbox.alerts.map((alert) => [alert.claimId, alert.kind]));
  const claims = Map.groupBy(records, ({ claimId }) => claimId);
  for (const [claimId = '', members] of claims) {
    if (isUnnamed(members)) expect(last.get(claimId)).toBe('alert');
    else expect(last.get(claimId) ?? 'resolved').toBe('resolved');
  }
}
