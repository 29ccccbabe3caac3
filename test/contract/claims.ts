import { describe, expect, it } from 'vitest';
import type { Question } from '../../lib/attribution/questions.ts';
import { type Claim, type ClaimIntent, opened } from '../../lib/claims/claim.ts';
import type { AnnouncedIntents, Claims } from '../../lib/ports/claims.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Lease } from '../../lib/ports/lease.ts';
import { PositionError } from '../../lib/ports/paging.ts';
import { type EpochMillis, epochMillis } from '../../lib/time.ts';
import { KEY } from '../builders/company.ts';
import { NOW } from './now.ts';
import { LongClock } from './over.ts';

const later = (millis: number): EpochMillis => epochMillis(NOW + millis);

function opening(id: string, more: Partial<ClaimIntent> = {}): ClaimIntent {
  return { id, session: `session of ${id}`, caller: { kind: 'role-session' }, status: 'pending', live: true, ...more };
}

const open = (claims: Claims, id: string, more: Partial<ClaimIntent> = {}, now = NOW) =>
  claims.change(id, (claim) => opened(claim, opening(id, more), now));

const closed = ({ due: _due, ...claim }: Claim): Claim => claim;

const placeOf = ({ openings: [first] }: AnnouncedIntents) => Number(first?.id.replace('claim ', ''));

const forgotten = async (claims: Claims, before: EpochMillis) => (await claims.forgotten(before)).announcements;

/** What every store of claims promises. */
export function claimsContract(start: (clock?: Clock) => Promise<Claims & Lease>): void {
  describe('claims', () => {
    it('come due, the longest overdue first, and are gone from the queue when they close', async () => {
      const claims = await start();
      await open(claims, 'second', {}, later(2));
      await open(claims, 'first', {}, later(1));
      await open(claims, 'future', {}, later(60_000));
      expect((await claims.due(later(10), 10)).map(({ id }) => id)).toEqual(['first', 'second']);
      expect(await claims.backlog()).toEqual({ open: 3, overdueSince: later(1), faulty: [] });
      await claims.change('first', (claim) => claim && closed(claim));
      expect((await claims.due(later(10), 10)).map(({ id }) => id)).toEqual(['second']);
      expect(await claims.get('first')).toMatchObject({ id: 'first', status: 'pending' });
    });

    it('that are held back count from when they began to be, however often they come due', async () => {
      const claims = await start();
      await open(claims, 'due', {}, later(5));
      await open(claims, 'held', {}, later(60_000));
      await claims.change('held', (claim) => claim && { ...claim, heldSince: later(2) });
      expect(await claims.backlog()).toEqual({ open: 2, overdueSince: later(2), faulty: [] });
      expect(await claims.get('held')).toMatchObject({ heldSince: later(2) });
    });

    it('are changed one after the other, however many change them at once', async () => {
      const claims = await start();
      await open(claims, 'one');
      const more = (claim: Claim | undefined) => claim && { ...claim, rounds: claim.rounds + 1 };
      await Promise.all([1, 2, 3, 4].map(() => claims.change('one', more)));
      expect((await claims.get('one'))?.rounds).toBe(4);
      expect(await claims.change('none', () => undefined)).toBeUndefined();
      expect(await claims.get('none')).toBeUndefined();
    });

    it('are listed by status, the latest event first, page by page', async () => {
      const claims = await start();
      for (const [at, id] of ['a', 'b', 'c'].entries()) {
        await open(claims, id, { status: 'unattributed', first: later(at), last: later(at) });
      }
      await open(claims, 'other', { status: 'ambiguous' });
      await open(claims, 'named', { status: 'attributed' });
      const ids: string[] = [];
      let position: string | undefined;
      do {
        const page = await claims.list('unattributed', { limit: 2, position });
        ids.push(...page.claims.map(({ id }) => id));
        position = page.position;
      } while (position !== undefined);
      expect(ids).toEqual(['c', 'b', 'a']);
    });

    it('refuse a position that no page ended at', async () => {
      const claims = await start();
      await expect(claims.list('pending', { limit: 1, position: 'zzz' })).rejects.toThrow(PositionError);
    });

    it('wait for answers, and are found by whoever has one', async () => {
      const claims = await start();
      const question: Question = { kind: 'grants-of-key', accessKeyId: KEY };
      expect(await claims.waitFor('one', [question, { kind: 'uses-of-key', accessKeyId: KEY }])).toBe(true);
      expect(await claims.waitFor('one', [question])).toBe(false);
      expect(await claims.waitFor('two', [question])).toBe(true);
      expect([...(await claims.waitingFor(question))].sort()).toEqual(['one', 'two']);
      expect(await claims.waitingFor({ kind: 'user-of-name', name: 'alice' })).toEqual([]);
    });

    it('announced and never opened are found after a while', async () => {
      const claims = await start();
      const openings = [opening('one', { first: NOW, last: NOW })];
      await claims.announce('delivery', openings, NOW);
      await claims.announce('another', [opening('three')], NOW);
      await claims.withdraw('another');
      expect(await forgotten(claims, NOW)).toEqual([]);
      expect(await forgotten(claims, later(1))).toEqual([
        { delivery: 'delivery', part: expect.any(String), at: NOW, openings },
      ]);
    });

    it('announced in several parts are forgotten part by part, and a part that is announced again stays', async () => {
      const claims = await start();
      const openings = Array.from({ length: 101 }, (_, at) => opening(`claim ${at}`));
      await claims.announce('delivery', openings, NOW);
      const parts = await forgotten(claims, later(1));
      const [first, second, ...others] = parts.toSorted((a, b) => placeOf(a) - placeOf(b));
      expect([first, second, ...others].flatMap((part) => part?.openings ?? [])).toEqual(openings);
      if (first === undefined || second === undefined) throw new Error('announced in one part');
      await claims.fulfil(first);
      await claims.announce('delivery', openings.slice(first.openings.length), later(1));
      await claims.fulfil(second);
      const left = (await forgotten(claims, later(2))).map(({ part, at }) => [part, at]);
      expect(left).toContainEqual([second.part, later(1)]);
      expect(left).not.toContainEqual([first.part, NOW]);
      await claims.withdraw('delivery');
      expect(await forgotten(claims, later(2))).toEqual([]);
    });

    it('announced stay so when the delivery is tried again and announces others', async () => {
      const claims = await start();
      const idsLeft = async () =>
        (await forgotten(claims, later(9))).flatMap(({ openings }) => openings.map(({ id }) => id)).toSorted();
      await claims.announce('delivery', [opening('one'), opening('two')], NOW);
      await claims.announce('delivery', [opening('three')], later(1));
      await claims.announce('delivery', [opening('three')], later(2));
      expect(await idsLeft()).toEqual(['one', 'three', 'two']);
      for (const part of await forgotten(claims, later(1))) await claims.fulfil(part);
      expect(await idsLeft()).toEqual(['three']);
      await claims.withdraw('delivery');
      expect(await idsLeft()).toEqual([]);
    });

    it('are settled by one at a time', async () => {
      const lease = await start();
      expect(await lease.take('one', NOW, later(1_000))).toBe(true);
      expect(await lease.take('two', later(1), later(1_000))).toBe(false);
      expect(await lease.take('one', later(1), later(1_000))).toBe(true);
      await lease.release('two');
      expect(await lease.take('two', later(2), later(1_000))).toBe(false);
      await lease.release('one');
      expect(await lease.take('two', later(3), later(1_000))).toBe(true);
      expect(await lease.take('one', later(1_000), later(2_000))).toBe(true);
    });

    it('whose time to live is over begin anew, deleted or not', async () => {
      const clock = new LongClock();
      const claims = await start(clock.now);
      await open(claims, 'one', { status: 'unattributed', first: NOW, last: NOW });
      await claims.change('one', (claim) => claim && { ...claim, rounds: 9 });
      clock.passAll();
      expect(await claims.get('one')).toBeUndefined();
      expect(await claims.registered(['one'])).toEqual(new Map());
      expect(await claims.due(clock.now(), 10)).toEqual([]);
      expect(await claims.backlog()).toEqual({ open: 0, faulty: [] });
      expect((await claims.list('unattributed', { limit: 10 })).claims).toEqual([]);
      expect(await claims.change('one', (claim) => claim)).toBeUndefined();
      const anew = await open(claims, 'one', {}, clock.now());
      expect(anew).toMatchObject({ status: 'pending', rounds: 0, openedAt: clock.now() });
      expect(anew).not.toHaveProperty('first');
      expect(await claims.get('one')).toEqual(anew);
      expect((await claims.due(clock.now(), 10)).map(({ id }) => id)).toEqual(['one']);
      expect(await claims.backlog()).toEqual({ open: 1, overdueSince: clock.now(), faulty: [] });
    });

    it('that are over stand in the way of none that is due', async () => {
      const clock = new LongClock();
      const claims = await start(clock.now);
      for (let at = 0; at < 5; at += 1) await open(claims, `over ${at}`);
      clock.passAll();
      await open(claims, 'due', {}, clock.now());
      expect((await claims.due(clock.now(), 2)).map(({ id }) => id)).toEqual(['due']);
    });

    it('wait anew where their wait is over', async () => {
      const clock = new LongClock();
      const claims = await start(clock.now);
      const question: Question = { kind: 'grants-of-key', accessKeyId: KEY };
      await claims.waitFor('one', [question]);
      clock.passAll();
      expect(await claims.waitingFor(question)).toEqual([]);
      expect(await claims.waitFor('one', [question])).toBe(true);
      expect(await claims.waitingFor(question)).toEqual(['one']);
    });

    it('announced so long ago that their records are gone are announced no more', async () => {
      const clock = new LongClock();
      const claims = await start(clock.now);
      await claims.announce('delivery', [opening('one')], NOW);
      clock.passAll();
      expect(await forgotten(claims, clock.now())).toEqual([]);
      await claims.announce('delivery', [opening('two')], clock.now());
      const [announced] = await forgotten(claims, epochMillis(clock.now() + 1));
      expect(announced?.openings.map(({ id }) => id)).toEqual(['two']);
    });
  });
}
