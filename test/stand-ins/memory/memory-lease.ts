import type { Lease } from '../../../lib/ports/claims.ts';
import { type EpochMillis, epochMillis } from '../../../lib/time.ts';

/** Settle's lease in memory. */
export class MemoryLease implements Lease {
  #held: { readonly owner: string; readonly until: EpochMillis } | undefined;

  async take(owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean> {
    const isTaken = this.#held !== undefined && this.#held.owner !== owner && this.#held.until > now;
    if (!isTaken) this.#held = { owner, until };
    return !isTaken;
  }

  async release(owner: string): Promise<void> {
    if (this.#held?.owner === owner) this.#held = { owner, until: epochMillis(0) };
  }
}
