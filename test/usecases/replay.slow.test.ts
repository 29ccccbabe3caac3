import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock, type Stores } from './service.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

const STORES: readonly [string, (clock: SetClock) => Promise<Stores>][] = [
  ['in memory', async (clock) => memoryStores(calmWorld(clock.now))],
  ['in dynalite', (clock) => dynalite.stores(clock.now)],
];

/** Of one claim, without an access key: today's has a grant by name, that of twenty days ago has none. */
const user = roleUser({ key: null });
const today = eventBy(user, { auditID: 'today' });
const old = eventBy(user, { auditID: 'old', requestReceivedTimestamp: '2026-02-18T12:10:00Z' });
const aliceGrant = grant({ id: 'alice', key: null });

describe.each(STORES)('backfill and replay, %s', (_, open) => {
  async function started() {
    const clock = new SetClock(utc('12:11:00'));
    return { running: new Service(await open(clock), clock, { withoutLookups: true }), clock };
  }
  type Running = Awaited<ReturnType<typeof started>>['running'];
  const statusOf = async (running: Running, id: string) => (await running.only(id)).attribution.status;
  const reportOf = (running: Running) => running.outbox.alerts.map(({ kind, causes }) => [kind, ...causes]);

  it('raise no alert for a claim that was once live', async () => {
    const { running } = await started();
    await running.grants([aliceGrant]);
    await running.ingest([today], 'live');
    await running.settleFor(40);
    await running.ingest([old], 'backfill', false);
    await running.settleFor(10);
    expect(await statusOf(running, 'today')).toBe('attributed');
    expect(await statusOf(running, 'old')).toBe('unattributed');
    expect(reportOf(running)).toEqual([]);
  });

  it('count as stored only what was not there before, however often it is delivered', async () => {
    const { running } = await started();
    for (let delivery = 0; delivery < 3; delivery += 1) await running.grants([aliceGrant, aliceGrant]);
    const stored = running.outbox.sum('GrantsStored');
    await running.grants([aliceGrant]);
    expect(running.outbox.sum('GrantsStored')).toBe(stored);
    await running.grants([grant({ id: 'bob', key: null, session: 'bob' })]);
    expect(running.outbox.sum('GrantsStored')).toBe(stored + 1);
    expect(running.outbox.sum('TrailRecordsReceived')).toBe(8);
  });

  it.each([
    ['before', ['backfill', 'live']],
    ['after', ['live', 'backfill']],
  ] as const)('take no alert away from what came live %s them', async (_order, deliveries) => {
    const { running } = await started();
    for (const delivery of deliveries) {
      await running.ingest([delivery === 'live' ? today : old], delivery, delivery === 'live');
      await running.settle();
    }
    await running.settleFor(40);
    expect(reportOf(running)).toEqual([['alert', 'unattributed']]);
  });

  it('keep the alert of an event that is backfilled first and then comes live', async () => {
    const { running } = await started();
    await running.ingest([today], 'backfill', false);
    await running.settleFor(40);
    expect(reportOf(running)).toEqual([]);
    await running.ingest([today], 'live');
    await running.settleFor(10);
    expect(reportOf(running)).toEqual([['alert', 'unattributed']]);
    await running.ingest([today], 'backfill again', false);
    await running.settleFor(10);
    expect(reportOf(running)).toHaveLength(1);
  });

  it.each(['backfilled', 'live'])(
    'keep the alert of a session that they had read, that comes live, and that is doubted later: %s',
    async (auditID) => {
      const { running, clock } = await started();
      await running.grants([grant({ id: 'alice' })]);
      await running.ingest([eventBy(roleUser(), { auditID: 'backfilled' })], 'backfill', false);
      await running.settleFor(5);
      await running.ingest([eventBy(roleUser(), { auditID })], 'live');
      await running.settleFor(5);
      clock.pass(HOUR);
      await running.grants([callBy(iamUser('alice-session'))]);
      await running.settleFor(5);
      expect(reportOf(running)).toEqual([['alert', 'session-name-claims-other-actor']]);
    },
  );

  it('do not prevent the withdrawal of an alert when a grant explains live events', async () => {
    const { running, clock } = await started();
    await running.ingest([today], 'live');
    await running.settleFor(40);
    await running.ingest([old], 'backfill', false);
    await running.settleFor(10);
    clock.pass(HOUR);
    await running.grants([aliceGrant]);
    await running.settleFor(10);
    expect(await statusOf(running, 'old')).toBe('unattributed');
    expect(reportOf(running)).toEqual([
      ['alert', 'unattributed'],
      ['resolved', 'unattributed'],
    ]);
  });
});
