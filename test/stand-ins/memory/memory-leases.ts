import type { LeasedPart, Leases } from '../../../lib/ports/claims.ts';
import type { EpochMillis } from '../../../lib/time.ts';

/** Settle's leases in memory. */
export class MemoryLeases implements Leases {
  readonly #held = new Map<LeasedPart, { readonly owner: string; readonly until: EpochMillis }>();

  async take(part: LeasedPart, owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean> {
    const held = this.#held.get(part);
    const isTaken = held !== undefined && held.owner !== owner && held.until > now;
    if (!isTaken) this.#held.set(part, { owner, until });
    return !isTaken;
  }

  async release(part: LeasedPart, owner: string): Promise<void> {
    if (this.#held.get(part)?.owner === owner) this.#held.delete(part);
  }
}
