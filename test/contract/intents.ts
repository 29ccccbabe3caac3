import { describe, expect, it } from 'vitest';
import type { ClaimIntent } from '../../lib/claims/claim.ts';
import type { AnnouncedIntents, ClaimIntents } from '../../lib/ports/claims.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { type EpochMillis, epochMillis } from '../../lib/time.ts';
import { later, NOW } from './now.ts';
import { LongClock } from './over.ts';

export function intent(id: string, more: Partial<ClaimIntent> = {}): ClaimIntent {
  return { id, session: `session of ${id}`, caller: { kind: 'role-session' }, status: 'pending', live: true, ...more };
}

/** A delivery announces these claims, and no records. */
const only = (...intents: readonly ClaimIntent[]) => ({ intents, records: [] });

const placeOf = ({ intents: [first] }: AnnouncedIntents) => Number(first?.id.replace('claim ', ''));

/** All that was announced before the time and never withdrawn. */
export async function forgotten(store: ClaimIntents, before: EpochMillis): Promise<readonly AnnouncedIntents[]> {
  const found: AnnouncedIntents[] = [];
  for await (const { announced } of store.forgotten(before)) found.push(...announced);
  return found;
}

/** Defines the tests that every store of announced intents must pass. */
export function intentsContract(start: (clock?: Clock) => Promise<ClaimIntents>): void {
  describe('intents', () => {
    it('that were announced and never opened are found after a while', async () => {
      const store = await start();
      const intents = [intent('one', { first: NOW, last: NOW })];
      await store.announce('delivery', only(...intents), NOW);
      await store.announce('another', only(intent('three')), NOW);
      await store.withdraw('another');
      expect(await forgotten(store, NOW)).toEqual([]);
      expect(await forgotten(store, later(1))).toEqual([
        { delivery: 'delivery', part: expect.any(String), at: NOW, intents, records: [] },
      ]);
    });

    it('that were announced in several parts are forgotten part by part, and a part that is announced again stays', async () => {
      const store = await start();
      const intents = Array.from({ length: 101 }, (_, at) => intent(`claim ${at}`));
      await store.announce('delivery', only(...intents), NOW);
      const parts = await forgotten(store, later(1));
      const [first, second, ...others] = parts.toSorted((a, b) => placeOf(a) - placeOf(b));
      expect([first, second, ...others].flatMap((part) => part?.intents ?? [])).toEqual(intents);
      if (first === undefined || second === undefined) throw new Error('announced in one part');
      await store.fulfil(first);
      await store.announce('delivery', only(...intents.slice(first.intents.length)), later(1));
      await store.fulfil(second);
      const left = (await forgotten(store, later(2))).map(({ part, at }) => [part, at]);
      expect(left).toContainEqual([second.part, later(1)]);
      expect(left).not.toContainEqual([first.part, NOW]);
      await store.withdraw('delivery');
      expect(await forgotten(store, later(2))).toEqual([]);
    });

    it('are stored with the records of the delivery, which are found unchanged', async () => {
      const store = await start();
      const records = Array.from({ length: 4_500 }, (_, at) => ({
        partition: `partition ${at % 7}`.slice(-1),
        id: `id-${at}`,
      }));
      await store.announce('delivery', { intents: [intent('one')], records }, NOW);
      const found = await forgotten(store, later(1));
      expect(found.flatMap(({ intents }) => intents.map(({ id }) => id))).toEqual(['one']);
      const byId = (all: typeof records) => all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(byId(found.flatMap((part) => [...part.records]))).toEqual(byId(records));
      for (const part of found) await store.fulfil(part);
      expect(await forgotten(store, later(2))).toEqual([]);
      await store.announce('delivery', { intents: [], records }, NOW);
      await store.withdraw('delivery');
      expect(await forgotten(store, later(2))).toEqual([]);
    });

    it('of any number of deliveries are each found once', async () => {
      const store = await start();
      const deliveries = Array.from({ length: 230 }, (_, at) => `delivery ${at}`);
      for (const delivery of deliveries)
        await store.announce(delivery, { intents: [], records: [{ partition: 'a', id: delivery }] }, NOW);
      const found = await forgotten(store, later(1));
      expect(found.map(({ delivery }) => delivery).toSorted()).toEqual(deliveries.toSorted());
    });

    it('are all withdrawn, however many were announced', async () => {
      const store = await start();
      const long = { username: 'u'.repeat(150_000) };
      const intents = Array.from({ length: 9 }, (_, at) =>
        intent(`claim ${at}`, { caller: { kind: 'role-session', ...long } }),
      );
      await store.announce('delivery', only(...intents), NOW);
      const found = await forgotten(store, later(1));
      expect(found.reduce((sum, part) => sum + part.intents.length, 0)).toBe(intents.length);
      await store.withdraw('delivery');
      expect(await forgotten(store, later(1))).toEqual([]);
    });

    it('stay announced if the delivery is retried and announces others', async () => {
      const store = await start();
      const idsLeft = async () =>
        (await forgotten(store, later(9))).flatMap(({ intents }) => intents.map(({ id }) => id)).toSorted();
      await store.announce('delivery', only(intent('one'), intent('two')), NOW);
      await store.announce('delivery', only(intent('three')), later(1));
      await store.announce('delivery', only(intent('three')), later(2));
      expect(await idsLeft()).toEqual(['one', 'three', 'two']);
      for (const part of await forgotten(store, later(1))) await store.fulfil(part);
      expect(await idsLeft()).toEqual(['three']);
      await store.withdraw('delivery');
      expect(await idsLeft()).toEqual([]);
    });

    it('of several accounts are found in turns, and those of accounts that come last after all others', async () => {
      const store = await start();
      for (const [at, sender] of ['a', 'a', 'a', 'b', undefined].entries())
        await store.announce(`${at}`, { ...only(intent(`claim ${at}`)), sender }, later(at));
      const senders = async (isLast?: (sender: string | undefined) => boolean) => {
        const found: (string | undefined)[] = [];
        for await (const { announced } of store.forgotten(later(9), isLast)) {
          for (const { sender } of announced) found.push(sender);
        }
        return found;
      };
      expect(await senders()).toEqual(['a', 'b', undefined, 'a', 'a']);
      expect(await senders((sender) => sender === 'a')).toEqual(['b', undefined, 'a', 'a', 'a']);
    });

    it('are forgotten once their records have expired', async () => {
      const clock = new LongClock();
      const store = await start(clock.now);
      await store.announce('delivery', only(intent('one')), NOW);
      clock.passAll();
      expect(await forgotten(store, clock.now())).toEqual([]);
      await store.announce('delivery', only(intent('two')), clock.now());
      const [announced] = await forgotten(store, epochMillis(clock.now() + 1));
      expect(announced?.intents.map(({ id }) => id)).toEqual(['two']);
    });
  });
}
