import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mulberry32 } from '../../examples/random.ts';
import { type Counts, HourCounter } from '../../lib/counts/hour-counts.ts';
import { hourOf } from '../../lib/counts/hours.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { countedRecord } from '../../lib/usecases/counting/counted-record.ts';
import { cases } from '../builders/chance.ts';
import { utc } from '../builders/company.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { memoryStores, Service, SetClock, type Stores } from '../usecases/service.ts';
import { storyRecords } from './drawn.ts';
import { Crashes, drain, ingestDelivery, STEPS, type World } from './steps.ts';
import { EVENT_DELIVERIES, GRANT_DELIVERIES } from './story.ts';

const START = utc('12:11:00');
const EVENTS = EVENT_DELIVERIES.flat();

/** CloudWatch Logs may deliver the same events again, grouped differently, in a delivery that crashes or does not. */
const recuts = fc
  .tuple(fc.subarray([...EVENTS.keys()], { minLength: 1 }), fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(12)))
  .map(([places, crash]) => ({
    check: () => true,
    run: async (_: object, { service, crashes }: World) => {
      const events = places.map((at) => EVENTS[at] ?? {});
      await crashes.during(crash, () => service.ingest(events, `again ${places.join(' ')}`));
    },
    toString: () => `again(${places.join(' ')}, crash ${crash})`,
  }));

/** Repeats every delivery until it ends well. Then nothing is open, and all hours are over. */
async function ended(world: World): Promise<void> {
  const { service, crashes, done } = world;
  for (const at of EVENT_DELIVERIES.keys()) if (!done.has(`ingest ${at}`)) await ingestDelivery(at, world);
  await drain(world);
  service.clock.pass(3 * HOUR);
  for (const writes of [0, 1, 2, 3]) {
    await crashes.during(writes, () => service.settle());
    service.clock.pass(3 * MINUTE);
  }
  for (let run = 0; run < 3; run += 1) {
    await service.settle();
    service.clock.pass(3 * MINUTE);
  }
}

/** Returns the counts of the records as they are. */
function countsOf(records: readonly StoredRecord[]): Record<string, unknown> {
  const groups = Map.groupBy(records, ({ at = 0, record }) => `${hourOf(at)} ${clusterKeyOf(record)}`);
  const counted = [...groups].map(([place, members]) => {
    const counting = new HourCounter();
    for (const stored of members) {
      const entry = countedRecord(stored, { revision: 1 }, epochMillis(0));
      counting.add(entry === undefined ? [] : [entry], stored.at ?? epochMillis(0));
    }
    return [place, withoutLag(counting.counts)];
  });
  return Object.fromEntries(counted);
}

function withoutLag({ lag: _lag, total, by, last }: Counts): Counts {
  return { total, by, ...(last !== undefined && { last }), lag: [] };
}

async function expectCounted({ service }: World, all: readonly StoredRecord[]): Promise<void> {
  const records = all.filter(({ at }) => at !== undefined);
  const hours = [...new Set(records.map(({ at = 0 }) => hourOf(at)))];
  const [first, last] = [Math.min(...hours), Math.max(...hours)].map((hour) => epochMillis(hour));
  const { counts } = service.stores;
  const kept = await counts.kept(first ?? START_HOUR, last ?? START_HOUR);
  const asKept = kept.map((each) => [`${each.hour} ${each.clusterKey}`, withoutLag(each)]);
  expect(Object.fromEntries(asKept)).toEqual(countsOf(records));
  const finals = records.filter(({ record, replayed }) => !record.attribution.provisional && replayed === undefined);
  const lags = kept.flatMap(({ lag }) => lag).reduce((sum, count) => sum + count, 0);
  expect(lags).toBe(finals.length);
}

const START_HOUR = hourOf(Date.parse(START));

function worldOf(stores: Stores, clock: SetClock, crashes: Crashes): World {
  const service = new Service(stores, clock);
  service.trail.records = GRANT_DELIVERIES.flat();
  return { service, crashes, done: new Set() };
}

describe('the counted records', () => {
  it('equals what is stored in the end: with crashes, redelivery, deliveries cut again, corrections, late indexes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands([...STEPS, recuts], { maxCommands: 40 }), fc.integer(), async (commands, seed) => {
        const clock = new SetClock(START);
        const crashes = new Crashes();
        const random = mulberry32(seed);
        const stores = memoryStores({ clock: clock.now, random, beforeWrite: crashes.beforeWrite });
        const world = worldOf(stores, clock, crashes);
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        await ended(world);
        await expectCounted(world, stores.records.all());
      }),
      { numRuns: cases(60, 1_000) },
    );
  });

  describe('over dynalite', () => {
    let dynalite: RunningDynalite;
    beforeAll(async () => {
      dynalite = await RunningDynalite.start();
    });
    afterAll(() => dynalite.stop());

    it('equals what is stored in the end', async () => {
      await fc.assert(
        fc.asyncProperty(fc.commands([...STEPS, recuts], { maxCommands: 20 }), async (commands) => {
          const clock = new SetClock(START);
          const crashes = new Crashes();
          const stores = await dynalite.stores(clock.now, crashes.beforeWrite);
          const world = worldOf(stores, clock, crashes);
          await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
          await ended(world);
          await expectCounted(world, await storyRecords(stores));
          await stores.drop();
        }),
        { numRuns: cases(1, 4) },
      );
    });
  });
});
