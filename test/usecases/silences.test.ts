import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { DAY, HOUR, MINUTE } from '../../lib/time.ts';
import { fillSilences, hearSources } from '../../lib/usecases/heartbeats/hear.ts';
import { watch } from '../../lib/usecases/heartbeats/watch.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

const AT = { recipientAccountId: ACCOUNT, awsRegion: 'eu-west-1' };
const SHARED = 'deploy-2026-03';
const byName = () => eventBy(roleUser({ session: SHARED, key: null }));

/** Returns a service that hears CloudTrail each ten minutes. */
function listening(from: string) {
  const clock = new SetClock(from);
  const stores = memoryStores(calmWorld(clock.now));
  const service = new Service(stores, clock, { withoutLookups: true });
  const expected = { clusterSilence: DAY, clusters: [], accounts: [], hasTrail: true, ceiling: 0 };
  const hearing = { ...stores, clock: clock.now, metrics: service.outbox, expected };
  const call = (eventTime: string): JsonObject => ({ ...AT, eventTime, eventName: 'GetCallerIdentity' });
  const hear = (...records: readonly JsonObject[]) =>
    hearSources(
      records.map((record) => ({ record })),
      hearing,
    );
  const self = {
    clock,
    service,
    hear,
    hearAt: (...times: readonly string[]) => hear(...times.map(call)),
    fillAt: (...times: readonly string[]) =>
      fillSilences(
        times.map((time) => ({ record: call(time) })),
        hearing,
      ),
    async hearFor(millis: number) {
      for (let passed = 0; passed < millis; passed += 10 * MINUTE) {
        await hear(call(new Date(clock.at).toISOString()));
        clock.pass(10 * MINUTE);
      }
    },
    async settle() {
      await watch(hearing);
      await service.settleFor(3);
    },
    flags: async () => (await service.only()).attribution.flags,
  };
  return self;
}

const alices = () => grant({ by: iamUser('alice'), session: SHARED, key: null, fields: AT });

describe('a name from a time in which CloudTrail was silent', () => {
  it('is flagged when settle notices the silence, also if the answer was final before', async () => {
    const world = listening('2026-03-08T12:00:00Z');
    await world.hearFor(2 * DAY);
    await world.service.grants([alices()]);
    await world.service.ingest([byName()]);
    world.clock.set('2026-03-10T12:31:00Z');
    await world.settle();
    expect(await world.flags()).toEqual(['name-chosen-by-caller']);
    expect((await world.service.only()).attribution.provisional).toBe(false);
    world.clock.set('2026-03-10T13:00:00Z');
    await world.settle();
    expect(await world.flags()).toEqual(['name-chosen-by-caller', 'trail-was-silent']);
  });

  it('is flagged when the silence is over, if no settle ran meanwhile', async () => {
    const world = listening('2026-03-07T09:00:00Z');
    await world.hearFor(3 * DAY - HOUR);
    world.clock.set('2026-03-10T12:20:00Z');
    await world.hearAt('2026-03-10T12:15:00Z');
    await world.service.grants([alices()]);
    await world.service.ingest([byName()]);
    world.clock.set('2026-03-10T12:50:00Z');
    await world.hearFor(10 * MINUTE);
    await world.settle();
    expect(await world.flags()).toEqual(['name-chosen-by-caller', 'trail-was-silent']);
  });

  it('is no longer flagged once late records fill the silence', async () => {
    const world = listening('2026-03-08T12:00:00Z');
    await world.hearFor(2 * DAY);
    await world.service.grants([alices()]);
    await world.service.ingest([byName()]);
    world.clock.set('2026-03-10T13:00:00Z');
    await world.settle();
    expect(await world.flags()).toContain('trail-was-silent');
    const late = Array.from({ length: 7 }, (_, at) => new Date(Date.UTC(2026, 2, 10, 12, at * 10)).toISOString());
    await world.hearAt(...late);
    await world.service.settleFor(3);
    expect(await world.flags()).toEqual(['name-chosen-by-caller']);
  });

  it('is no longer flagged once a backfill fills the silence', async () => {
    const world = listening('2026-03-08T12:00:00Z');
    await world.hearFor(2 * DAY);
    await world.service.grants([alices()]);
    await world.service.ingest([byName()]);
    world.clock.set('2026-03-10T13:00:00Z');
    await world.hearAt('2026-03-10T13:00:00Z');
    await world.service.settleFor(3);
    expect(await world.flags()).toContain('trail-was-silent');
    await world.fillAt('2026-03-10T12:05:00Z', '2026-03-10T12:30:00Z', '2026-03-10T12:50:00Z');
    await world.service.settleFor(3);
    expect(await world.flags()).toEqual(['name-chosen-by-caller']);
  });

  it('is not flagged while CloudTrail is heard', async () => {
    const world = listening('2026-03-08T12:00:00Z');
    await world.hearFor(2 * DAY);
    await world.service.grants([alices()]);
    await world.service.ingest([byName()]);
    await world.hearFor(HOUR);
    await world.settle();
    expect(await world.flags()).toEqual(['name-chosen-by-caller']);
  });
});
