import { describe, expect, it } from 'vitest';
import type { Attempts } from '../../lib/ports/attempts.ts';
import { NOW } from './now.ts';

/** Defines the tests that every implementation of Attempts must pass. */
export function attemptsContract(open: () => Promise<Attempts>): void {
  describe('notes of attempts', () => {
    it('are kept by delivery or message, the last one with its time, until they are forgotten', async () => {
      const attempts = await open();
      expect(await attempts.noted('one')).toBeUndefined();
      expect(await attempts.change('one', () => ({ slices: 0, open: 1 }))).toBeUndefined();
      expect(await attempts.change('one', () => ({ slices: 2, open: 1 }))).toEqual({ slices: 0, open: 1, at: NOW });
      await attempts.change('other', () => ({ slices: 0, open: 3, on: ['one', 'more'] }));
      expect(await attempts.noted('one')).toEqual({ slices: 2, open: 1, at: NOW });
      await attempts.forget('one');
      await attempts.forget('one');
      expect(await attempts.noted('one')).toBeUndefined();
      expect(await attempts.noted('other')).toEqual({ slices: 0, open: 3, on: ['one', 'more'], at: NOW });
    });

    it('are changed one after the other, and each change returns exactly the note that it replaced', async () => {
      const attempts = await open();
      const more = () => attempts.change('one', (before) => ({ slices: 0, open: (before?.open ?? 0) + 1 }));
      const replaced = await Promise.all(Array.from({ length: 4 }, more));
      expect(replaced.map((note) => note?.open ?? 0).toSorted()).toEqual([0, 1, 2, 3]);
      expect(await attempts.noted('one')).toMatchObject({ open: 4 });
    });
  });
}
