import { describe, expect, it } from 'vitest';
import type { Claim, ClaimIntent } from '../../lib/claims/claim.ts';
import { openClaim } from '../../lib/claims/opening.ts';
import type { Claims } from '../../lib/ports/claims.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { PositionError } from '../../lib/ports/paging.ts';
import { intent } from './intents.ts';
import { later, NOW } from './now.ts';
import { LongClock } from './over.ts';

const open = (claims: Claims, id: string, more: Partial<ClaimIntent> = {}, now = NOW) =>
  claims.change(id, (claim) => openClaim(claim, intent(id, more), now));

const closed = ({ due: _due, ...claim }: Claim): Claim => claim;

/** Defines the tests that every store of claims must pass. */
export function claimsContract(start: (clock?: Clock) => Promise<Claims>): void {
  describe('claims', () => {
    it('are due, the longest overdue first, and leave the queue when they close', async () => {
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

    it('that are held back count from the first time, however often they are due', async () => {
      const claims = await start();
      await open(claims, 'due', {}, later(5));
      await open(claims, 'held', {}, later(60_000));
      await claims.change('held', (claim) => claim && { ...claim, heldSince: later(2) });
      expect(await claims.backlog()).toEqual({ open: 2, overdueSince: later(2), faulty: [] });
      expect(await claims.get('held')).toMatchObject({ heldSince: later(2) });
    });

    it('are changed one after the other if several writers change them at once', async () => {
      const claims = await start();
      await open(claims, 'one');
      const more = (claim: Claim | undefined) => claim && { ...claim, rounds: claim.rounds + 1 };
      await Promise.all([1, 2, 3, 4].map(() => claims.change('one', more)));
      expect((await claims.get('one'))?.rounds).toBe(4);
      expect(await claims.change('none', () => undefined)).toBeUndefined();
      expect(await claims.get('none')).toBeUndefined();
    });

    it('are listed by status, the latest event first or last, page by page', async () => {
      const claims = await start();
      for (const [at, id] of ['a', 'b', 'c'].entries()) {
        await open(claims, id, { status: 'unattributed', first: later(at), last: later(at) });
      }
      await open(claims, 'other', { status: 'ambiguous' });
      await open(claims, 'named', { status: 'attributed' });
      const listed = async (isUpwards: boolean) => {
        const ids: string[] = [];
        let position: string | undefined;
        do {
          const page = await claims.list('unattributed', { limit: 2, position, isUpwards });
          expect(page.at).toBe(NOW);
          ids.push(...page.claims.map(({ id }) => id));
          position = page.position;
        } while (position !== undefined);
        return ids;
      };
      expect(await listed(false)).toEqual(['c', 'b', 'a']);
      expect(await listed(true)).toEqual(['a', 'b', 'c']);
      const { claims: before } = await claims.list('unattributed', { limit: 9, until: later(1) });
      expect(before.every(({ last = later(2) }) => last <= later(1))).toBe(true);
      expect(before.length).toBeGreaterThan(0);
    });

    it('keep the time since which the lists have them', async () => {
      const claims = await start();
      await open(claims, 'one', { first: NOW, last: NOW });
      await open(claims, 'one', { first: NOW, last: later(1) }, later(2));
      await open(claims, 'one', { first: NOW, last: NOW }, later(3));
      expect(await claims.get('one')).toMatchObject({ listedAt: later(2), touchedAt: later(3) });
    });

    it('refuse a position at which no page ended', async () => {
      const claims = await start();
      await expect(claims.list('pending', { limit: 1, position: 'zzz' })).rejects.toThrow(PositionError);
    });

    it('that have expired begin again, whether or not DynamoDB deleted them', async () => {
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
      const another = await open(claims, 'one', {}, clock.now());
      expect(another).toMatchObject({ status: 'pending', rounds: 0, openedAt: clock.now() });
      expect(another).not.toHaveProperty('first');
      expect(await claims.get('one')).toEqual(another);
      expect((await claims.due(clock.now(), 10)).map(({ id }) => id)).toEqual(['one']);
      expect(await claims.backlog()).toEqual({ open: 1, overdueSince: clock.now(), faulty: [] });
    });

    it('that have expired do not delay one that is due', async () => {
      const clock = new LongClock();
      const claims = await start(clock.now);
      for (let at = 0; at < 5; at += 1) await open(claims, `over ${at}`);
      clock.passAll();
      await open(claims, 'due', {}, clock.now());
      expect((await claims.due(clock.now(), 2)).map(({ id }) => id)).toEqual(['due']);
    });
  });
}
