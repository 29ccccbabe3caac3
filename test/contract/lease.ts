import { describe, expect, it } from 'vitest';
import type { Lease } from '../../lib/ports/claims.ts';
import { later, NOW } from './now.ts';

/** What every lease promises. */
export function leaseContract(start: () => Promise<Lease>): void {
  describe('the lease', () => {
    it("is one owner's at a time", async () => {
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
  });
}
