import { describe, expect, it } from 'vitest';
import type { Attempts } from '../../lib/ports/attempts.ts';
import { NOW } from './now.ts';

/** What every implementation of Attempts does. */
export function attemptsContract(open: () => Promise<Attempts>): void {
  describe('notes of attempts', () => {
    it('are kept by delivery or message, the last one with its time, until they are forgotten', async () => {
      const attempts = await open();
      expect(await attempts.noted('one')).toBeUndefined();
      await attempts.note('one', { slices: 0, open: 1 });
      await attempts.note('one', { slices: 2, open: 1 });
      await attempts.note('other', { slices: 0, open: 3 });
      expect(await attempts.noted('one')).toEqual({ slices: 2, open: 1, at: NOW });
      await attempts.forget('one');
      await attempts.forget('one');
      expect(await attempts.noted('one')).toBeUndefined();
      expect(await attempts.noted('other')).toMatchObject({ open: 3 });
    });
  });
}
