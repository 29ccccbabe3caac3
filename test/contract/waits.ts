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
      expect(await waitersOf(question, waits)).toEqual(['one', 'two']);
      expect(await waitersOf({ kind: 'user-of-name', name: 'alice' }, waits)).toEqual([]);
    });

    it('stop waiting for facts that they no longer need, and still wait for the rest', async () => {
      const waits = await start();
      const question = { kind: 'role-of-id', roleId: ROLE_ID } as const;
      const uses: Question = { kind: 'uses-of-key', accessKeyId: KEY };
      await waits.add('one', [question, uses]);
      await waits.add('two', [question]);
      await waits.remove('one', [question]);
      expect(await waitersOf(question, waits)).toEqual(['two']);
      expect(await waitersOf(uses, waits)).toEqual(['one']);
      expect(await waits.add('one', [question])).toBe(true);
    });

    it('are read by pages', async () => {
      const waits = await start();
      const [wait = ''] = waitIds({ kind: 'grants-of-key', accessKeyId: KEY });
      for (const id of ['a', 'b', 'c']) await waits.add(id, [{ kind: 'grants-of-key', accessKeyId: KEY }]);
      expect(await waits.page(wait, 2)).toEqual({ waiters: ['a', 'b'], after: 'b' });
      expect((await waits.page(wait, 2, 'b')).waiters).toEqual(['c']);
    });

    it('are noted by account while they are still to be woken, until a later answer replaces the note', async () => {
      const waits = await start();
      const left = { wait: 'any', sender: '2', after: 'a', at: epochMillis(1) };
      const later = { ...left, at: epochMillis(2) };
      const others = { ...later, sender: '1' };
      await waits.leave(left);
      await waits.leave(others);
      await waits.advance(left, { after: 'b' });
      expect(await waits.left()).toEqual(others);
      expect(await waits.left('1')).toEqual({ ...left, after: 'b' });
      expect(await waits.left('2')).toBeUndefined();
      await waits.leave(later);
      for (const rest of [{ after: 'c' }, undefined]) await waits.advance(left, rest);
      expect(await waits.left('1')).toEqual(later);
      for (const each of [later, others]) await waits.advance(each, undefined);
      expect(await waits.left()).toBeUndefined();
    });

    it('are noted to be woken once more if another answer comes before all are woken', async () => {
      const waits = await start();
      const left = { wait: 'any', sender: '2', after: 'a', at: epochMillis(5) };
      expect(await waits.repeat({ ...left, at: epochMillis(9) })).toBe(false);
      expect(await waits.left()).toBeUndefined();
      await waits.leave(left);
      expect(await waits.repeat({ ...left, at: epochMillis(5) })).toBe(true);
      await waits.advance(left, undefined); // which has read the note before
      const repeated = { ...left, again: true, at: epochMillis(6) } as const;
      expect(await waits.left()).toEqual(repeated);
      await waits.advance(repeated, { after: 'b', again: true });
      expect(await waits.left()).toEqual({ ...repeated, after: 'b' });
      await waits.advance(repeated, { after: '2.' });
      expect(await waits.left()).toEqual({ ...left, after: '2.', at: epochMillis(6) });
    });

    it('wait longer than any record is kept that existed when the wait began or was renewed', async () => {
      const clock = new LongClock();
      const waits = await start(clock.now);
      const question: Question = { kind: 'grants-of-key', accessKeyId: KEY };
      await waits.add('one', [question]);
      clock.pass(0.4 * KEEP.records);
      expect(await waits.add('one', [question])).toBe(false);
      clock.pass(KEEP.records);
      expect(await waitersOf(question, waits)).toEqual(['one']);
      expect(await waits.add('one', [question])).toBe(false);
      clock.pass(KEEP.records);
      expect(await waitersOf(question, waits)).toEqual(['one']);
    });

    it('wait again once their wait has expired', async () => {
      const clock = new LongClock();
      const waits = await start(clock.now);
      const question: Question = { kind: 'grants-of-key', accessKeyId: KEY };
      await waits.add('one', [question]);
      clock.passAll();
      expect(await waitersOf(question, waits)).toEqual([]);
      expect(await waits.add('one', [question])).toBe(true);
      expect(await waitersOf(question, waits)).toEqual(['one']);
    });
  });
}

/** Returns the claims that wait for an answer to the question, each once. */
async function waitersOf(question: Question, waits: ClaimWaits): Promise<readonly string[]> {
  const pages = await Promise.all(waitIds(question).map((wait) => waits.page(wait, 1_000)));
  return [...new Set(pages.flatMap(({ waiters }) => waiters))];
}
