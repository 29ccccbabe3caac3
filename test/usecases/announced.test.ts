import { describe, expect, it, vi } from 'vitest';
import { hourOf } from '../../lib/counts/hours.ts';
import { MINUTE } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

describe('what a delivery announced', () => {
  it('stays announced when it is tried again with grants that came meanwhile, and never succeeds', async () => {
    const clock = new SetClock(utc('12:11:00'));
    const stores = memoryStores(calmWorld(clock.now));
    const running = new Service(stores, clock, { withoutLookups: true });
    const alice = (auditID: string, time: string) =>
      eventBy(roleUser({ key: KEY }), { auditID, requestReceivedTimestamp: utc(time) });
    await running.ingest([alice('first', '12:10:00')], 'another delivery');
    await running.settleFor(40);
    const nobody = eventBy(roleUser({ session: 'nobody', key: ANOTHER_KEY }), { auditID: 'nobody' });
    const delivered = () => new Service(stores, clock).ingest([alice('second', '12:20:00'), nobody], 'delivery');

    const open = vi.spyOn(stores.claims, 'change');
    const insert = vi.spyOn(stores.records, 'insert').mockImplementationOnce(async (records) => {
      await running.grants([grant({ id: 'alice' })]);
      await running.settleFor(4);
      expect((await running.only('first')).attribution.status).toBe('attributed');
      open.mockRejectedValueOnce(new Error('crash'));
      return stores.records.insert(records);
    });
    await expect(delivered()).rejects.toThrow('crash');
    insert.mockRestore();
    expect((await running.only('second')).attribution.status).toBe('pending');
    open.mockRejectedValueOnce(new Error('crash'));
    await expect(delivered()).rejects.toThrow('crash');
    open.mockRestore();

    clock.pass(6 * MINUTE);
    await running.settleFor(60);
    expect((await running.only('second')).attribution.status).toBe('attributed');
    expect((await running.only('nobody')).attribution.status).toBe('unattributed');
    expect((await stores.intents.forgotten(clock.now())).announced).toEqual([]);
  });

  it('is counted where it crashed before it was, and never comes again', async () => {
    const clock = new SetClock(utc('12:11:00'));
    const stores = memoryStores(calmWorld(clock.now));
    const service = new Service(stores, clock, { withoutLookups: true });
    const events = ['first', 'second'].map((auditID) =>
      eventBy(roleUser({ key: KEY }), { auditID, requestReceivedTimestamp: utc('12:10:00') }),
    );
    const add = vi.spyOn(stores.counts, 'add').mockRejectedValueOnce(new Error('crash'));
    await expect(service.ingest(events, 'delivery')).rejects.toThrow('crash');
    add.mockRestore();
    const total = async () => {
      const { counts } = await stores.counts.count(hourOf(clock.now()));
      return counts.reduce((sum, each) => sum + each.total, 0);
    };
    expect(await total()).toBe(0);
    clock.pass(6 * MINUTE);
    await service.settleFor(10);
    expect(await total()).toBe(2);
    await service.ingest(events, 'delivery');
    expect(await total()).toBe(2);
  });
});
