import { describe, expect, it, vi } from 'vitest';
import { UnreadableItemError } from '../../lib/adapters/dynamodb/shape.ts';
import { hourOf } from '../../lib/counts/hours.ts';
import { MINUTE } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { forgotten } from '../contract/intents.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock, type Stores } from './service.ts';

describe('the records that a delivery announced', () => {
  it('stay announced if the delivery is tried again with new grants, and never succeeds', async () => {
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
    expect(await forgotten(stores.intents, clock.now())).toEqual([]);
  });

  it('are counted if the delivery crashed before that, and never comes again', async () => {
    const { service, stores, clock, events } = await crashedBeforeCounting();
    expect(await totalOf(stores, clock)).toBe(0);
    await service.settleFor(10);
    expect(await totalOf(stores, clock)).toBe(2);
    await service.ingest(events, 'delivery');
    expect(await totalOf(stores, clock)).toBe(2);
  });

  it('are opened if what it stored cannot be read, and other stored records are counted', async () => {
    const { service, stores, clock } = await crashedBeforeCounting();
    const ofKeys = vi.spyOn(stores.records, 'ofKeys').mockImplementationOnce(async (keys) => {
      const { records } = await stores.records.ofKeys(keys);
      return { records: records.slice(1), faulty: [{ id: 'first', fault: new UnreadableItemError('record', 'text') }] };
    });
    const { failed } = await service.settle();
    ofKeys.mockRestore();
    expect(failed).toMatchObject([{ cause: expect.any(UnreadableItemError) }]);
    expect(await forgotten(stores.intents, clock.now())).toEqual([]);
    await service.settleFor(10);
    expect(await totalOf(stores, clock)).toBe(1);
    await service.settleFor(60);
    expect((await service.only('first')).attribution.status).toBe('unattributed');
    expect((await service.only('second')).attribution.status).toBe('unattributed');
  });

  it('are opened and counted later if the time ends within a part of them', async () => {
    const { service, stores, clock } = await crashedBeforeCounting();
    const announced = await forgotten(stores.intents, clock.now());
    const [part] = announced;
    if (part === undefined) throw new Error('nothing is announced');
    const whole = { ...part, intents: announced.flatMap(({ intents }) => intents) };
    vi.spyOn(stores.intents, 'forgotten').mockImplementationOnce(async function* () {
      yield { announced: [whole], faulty: [] };
    });
    const change = vi.spyOn(stores.claims, 'change').mockImplementationOnce((...parameters) => {
      clock.pass(5 * MINUTE);
      return stores.claims.change(...parameters);
    });
    await service.settle();
    change.mockRestore();
    expect(await forgotten(stores.intents, clock.now())).toHaveLength(2);
    await service.settleFor(10);
    expect(await totalOf(stores, clock)).toBe(2);
    expect(await forgotten(stores.intents, clock.now())).toEqual([]);
  });
});

/** Two sessions' requests are stored, and nothing of them is counted; settle would open what was announced. */
async function crashedBeforeCounting() {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const service = new Service(stores, clock, { withoutLookups: true });
  const events = [
    eventBy(roleUser({ key: KEY }), { auditID: 'first', requestReceivedTimestamp: utc('12:10:00') }),
    eventBy(roleUser({ key: ANOTHER_KEY }), { auditID: 'second', requestReceivedTimestamp: utc('12:10:00') }),
  ];
  const add = vi.spyOn(stores.counts, 'add').mockRejectedValueOnce(new Error('crash'));
  await expect(service.ingest(events, 'delivery')).rejects.toThrow('crash');
  add.mockRestore();
  clock.pass(6 * MINUTE);
  return { service, stores, clock, events };
}

async function totalOf({ counts }: Stores, { now }: SetClock): Promise<number> {
  const found = await counts.count(hourOf(now()));
  return found.counts.reduce((sum, each) => sum + each.total, 0);
}
