import { describe, expect, it } from 'vitest';
import type { Question } from '../../lib/attribution/questions.ts';
import { waitIds } from '../../lib/claims/waits.ts';
import type { ClaimWaits } from '../../lib/ports/claims.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { epochMillis } from '../../lib/time.ts';
import { KEY, ROLE_ID } from '../builders/company.ts';
import { KEEP, LongClock } from './over.ts';

/** Defines the tests that every store of claims' waits must pass. */
export function waitsContract(start: (clock?: Clock) => Promise<ClaimWaits>): void {
  describe('claims that wait', () => {
    it('are found by whoever has an answer', async () => {
      const waits = await start();
      const question: Question = { kind: 'grants-of-key', accessKeyId: KEY };
      expect(await waits.add('one', [question, { kind: 'uses-of-key', accessKeyId: KEY }])).toBe(true);
      expect(await waits.add('one', [question])).toBe(false);
      expect(await waits.add('two', [question])).toBe(true);
      expect([...(await waits.claimIdsOf(question))].sort()).toEqual(['one', 'two']);
      expect(await waits.claimIdsOf({ kind: 'user-of-name', name: 'alice' })).toEqual([]);
    });

    it('stop waiting for facts that they no longer need, and still wait for the rest', async () => {
      const waits = await start();
      const question = { kind: 'role-of-id', roleId: ROLE_ID } as const;
      const uses: Question = { kind: 'uses-of-key', accessKeyId: KEY };
      await waits.add('one', [question, uses]);
      await waits.add('two', [question]);
      await waits.remove('one', [question]);
      expect(await waits.claimIdsOf(question)).toEqual(['two']);
      expect(await waits.claimIdsOf(uses)).toEqual(['one']);
      expect(await waits.add('one', [question])).toBe(true);
    });

    it('are read by pages, and a note says which are still to be woken until a later answer replaces it', async () => {
      const waits = await start();
      const [wait = ''] = waitIds({ kind: 'grants-of-key', accessKeyId: KEY });
      for (const id of ['a', 'b', 'c']) await waits.add(id, [{ kind: 'grants-of-key', accessKeyId: KEY }]);
      expect(await waits.page(wait, 2)).toEqual({ ids: ['a', 'b'], after: 'b' });
      expect((await waits.page(wait, 2, 'b')).ids).toEqual(['c']);
      const [left, later] = [1, 2].map((at) => ({ wait, after: 'a', at: epochMillis(at) }));
      if (left === undefined || later === undefined) throw new Error('no notes');
      await waits.leave(left);
      await waits.advance(left, 'b');
      expect(await waits.left(5)).toEqual([{ ...left, after: 'b' }]);
      await waits.leave(later);
      for (const after of ['c', undefined]) await waits.advance(left, after);
      expect(await waits.left(5)).toEqual([later]);
      await waits.advance(later, undefined);
      expect(await waits.left(5)).toEqual([]);
    });

    it('wait longer than any record is kept that existed when the wait began or was renewed', async () => {
      const clock = new LongClock();
      const waits = await start(clock.now);
      const question: Question = { kind: 'grants-of-key', accessKeyId: KEY };
      await waits.add('one', [question]);
      clock.pass(0.4 * KEEP.records);
      expect(await waits.add('one', [question])).toBe(false);
      clock.pass(KEEP.records);
      expect(await waits.claimIdsOf(question)).toEqual(['one']);
      expect(await waits.add('one', [question])).toBe(false);
      clock.pass(KEEP.records);
      expect(await waits.claimIdsOf(question)).toEqual(['one']);
    });

    it('wait again once their wait has expired', async () => {
      const clock = new LongClock();
      const waits = await start(clock.now);
      const question: Question = { kind: 'grants-of-key', accessKeyId: KEY };
      await waits.add('one', [question]);
      clock.passAll();
      expect(await waits.claimIdsOf(question)).toEqual([]);
      expect(await waits.add('one', [question])).toBe(true);
      expect(await waits.claimIdsOf(question)).toEqual(['one']);
    });
  });
}
