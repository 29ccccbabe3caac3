import { describe, expect, it } from 'vitest';
import type { Leases } from '../../lib/ports/claims.ts';
import { later, NOW } from './now.ts';

/** Defines the tests that all leases must pass. */
export function leasesContract(start: () => Promise<Leases>): void {
  describe('the lease of a part', () => {
    it("is one owner's at a time", async () => {
      const leases = await start();
      expect(await leases.take('chores', 'one', NOW, later(1_000))).toBe(true);
      expect(await leases.take('chores', 'two', later(1), later(1_000))).toBe(false);
      expect(await leases.take('chores', 'one', later(1), later(1_000))).toBe(true);
      await leases.release('chores', 'two');
      expect(await leases.take('chores', 'two', later(2), later(1_000))).toBe(false);
      await leases.release('chores', 'one');
      expect(await leases.take('chores', 'two', later(3), later(1_000))).toBe(true);
      expect(await leases.take('chores', 'one', later(1_000), later(2_000))).toBe(true);
    });

    it('does not hinder the owners of other parts', async () => {
      const leases = await start();
      expect(await leases.take('shard 0', 'one', NOW, later(1_000))).toBe(true);
      expect(await leases.take('shard 1', 'two', NOW, later(1_000))).toBe(true);
      expect(await leases.take('look-ups', 'three', NOW, later(1_000))).toBe(true);
      expect(await leases.take('shard 1', 'one', NOW, later(1_000))).toBe(false);
    });
  });
}
