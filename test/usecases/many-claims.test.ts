import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../lib/concurrency.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

/** Counts how many calls of one method are under way at once; each takes a turn. */
class Crowd {
  most = 0;
  #now = 0;

  slowed<A extends unknown[], R>(method: (...given: A) => Promise<R>): (...given: A) => Promise<R> {
    return async (...given) => {
      this.#now += 1;
      this.most = Math.max(this.most, this.#now);
      await nextTurn();
      this.#now -= 1;
      return method(...given);
    };
  }
}

describe('a batch of a thousand sessions', () => {
  it('reads and opens their claims in parallel, as many at once as there are connections', async () => {
    const clock = new SetClock(utc('12:11:00'));
    const stores = memoryStores(calmWorld(clock.now));
    const [asking, opening] = [new Crowd(), new Crowd()];
    stores.sessions.answer = asking.slowed(stores.sessions.answer.bind(stores.sessions));
    stores.claims.change = opening.slowed(stores.claims.change.bind(stores.claims));
    const running = new Service(stores, clock, { withoutLookups: true });
    const events = Array.from({ length: 1_000 }, (_, at) =>
      eventBy(roleUser({ session: `session-${at}` }), { auditID: `event-${at}` }),
    );
    expect(await running.ingest(events)).toMatchObject({ recorded: 1_000 });
    expect(stores.claims.all()).toHaveLength(1_000);
    for (const { most } of [asking, opening]) {
      expect(most).toBeGreaterThan(10);
      expect(most).toBeLessThanOrEqual(40);
    }
  });
});

describe('a run in which no claim can be settled', () => {
  it('reads each claim a few times, however many there are', async () => {
    for (const size of [100, 800]) {
      const clock = new SetClock(utc('12:11:00'));
      const stores = memoryStores(calmWorld(clock.now));
      const running = new Service(stores, clock, { withoutLookups: true });
      const events = Array.from({ length: size }, (_, at) =>
        eventBy(roleUser({ session: `session-${at}` }), { auditID: `event-${at}` }),
      );
      await running.ingest(events);
      stores.records.ofClaim = () => Promise.reject(new Error('the table answers nothing'));
      const due = stores.claims.due.bind(stores.claims);
      let read = 0;
      stores.claims.due = async (now, limit) => {
        const claims = await due(now, limit);
        read += claims.length;
        return claims;
      };
      expect((await running.settle()).failed).toHaveLength(size);
      expect(read / size, `${size} claims`).toBeLessThan(5);
    }
  });
});

describe('concurrent work', () => {
  it('returns results in the order of its input, whatever ends first', async () => {
    const turns = Array.from({ length: 100 }, (_, at) => 100 - at);
    const work = async (count: number) => {
      for (let turn = 0; turn < count % 7; turn += 1) await nextTurn();
      return count;
    };
    expect(await mapConcurrently(turns, work)).toEqual(turns);
    expect(await mapConcurrently([], work)).toEqual([]);
  });

  it('starts nothing more after a failure, and fails when nothing is running', async () => {
    let begun = 0;
    let ended = 0;
    const work = async (at: number) => {
      begun += 1;
      await nextTurn();
      ended += 1;
      if (at === 3) throw new Error('down');
    };
    await expect(mapConcurrently([...Array(1_000).keys()], work)).rejects.toThrow('down');
    expect(begun).toBeLessThan(100);
    expect(ended).toBe(begun);
  });
});
