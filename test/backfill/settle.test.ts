import { expect, test, vi } from 'vitest';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { DEFAULT_ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import { DUE_LISTS } from '../../lib/claims/due-list.ts';
import type { LookupProgress } from '../../lib/ports/lookups.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { backfillSettle } from '../../lib/usecases/backfill/backfill-settle.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, utc } from '../builders/company.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';

function backfilled(mayLookUp = false) {
  const clock = new SetClock(utc('18:00:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock, { withoutLookups: true });
  const { outbox } = running;
  const lookups = mayLookUp ? (of: LookupProgress) => running.trail.lookups(of) : undefined;
  const service = { ...stores, clock: clock.now, alerts: outbox, metrics: outbox, lookups };
  const rules = { settings: DEFAULT_SETTINGS, deadline: 30 * MINUTE, lookupDelay: 0, alertOn: DEFAULT_ALERT_CAUSES };
  const run = {
    leases: stores.leases,
    owner: 'backfill',
    until: epochMillis(clock.at + HOUR),
    signal: new AbortController().signal,
    pause: async (milliseconds: number) => clock.pass(milliseconds),
  };
  return { clock, stores, running, settleAll: () => backfillSettle({ ...service, ...rules }, run) };
}

test('live claims are left to the service, because they may need alerts', async () => {
  const { running, settleAll } = backfilled();
  await running.ingest([eventBy(roleUser(), { auditID: 'live' })], 'live', true);
  await running.ingest([eventBy(roleUser({ key: ANOTHER_KEY }), { auditID: 'old' })], 'old', false);
  expect(await settleAll()).toEqual({ decided: 1, failed: [], leftOver: false });
  expect((await running.only('live')).attribution.status).toBe('pending');
  expect((await running.only('old')).attribution.status).toBe('unattributed');
  expect(running.outbox.alerts).toEqual([]);
  await running.settleFor(10);
  expect(running.outbox.alerts).toMatchObject([{ kind: 'alert' }]);
});

test('a claim whose records become live before its look-ups is left to the service too', async () => {
  const { running, stores, settleAll } = backfilled(true);
  await running.ingest([eventBy(roleUser(), { auditID: 'old' })], 'old', false);
  const get = vi.spyOn(stores.claims, 'get').mockImplementationOnce(async (id) => {
    await running.ingest([eventBy(roleUser(), { auditID: 'live' })], 'live', true);
    return stores.claims.get(id);
  });
  await settleAll();
  expect(get).toHaveBeenCalled();
  expect(running.outbox.alerts).toEqual([]);
  await running.settleFor(10);
  expect(running.outbox.alerts).toMatchObject([{ kind: 'alert', count: 2 }]);
});

test('many live claims hide none of the others', async () => {
  const { running, settleAll, clock } = backfilled();
  const live = Array.from({ length: 120 }, (_, n) => eventBy(roleUser({ key: `ASIA${String(n).padStart(16, '0')}` })));
  await running.ingest(live, 'live', true);
  clock.pass(MINUTE);
  await running.ingest([eventBy(roleUser({ key: ANOTHER_KEY }), { auditID: 'old' })], 'old', false);
  expect(await settleAll()).toMatchObject({ decided: 1 });
});

test('a running settle is waited for', async () => {
  const { running, settleAll, stores, clock } = backfilled();
  await running.ingest([eventBy(roleUser(), { auditID: 'old' })], 'old', false);
  for (const part of ['chores', ...DUE_LISTS] as const)
    await stores.leases.take(part, 'the service', clock.at, epochMillis(clock.at + MINUTE));
  expect(await settleAll()).toEqual({ decided: 1, failed: [], leftOver: false });
  expect(clock.at).toBeGreaterThanOrEqual(epochMillis(Date.parse(utc('18:01:00'))));
});
