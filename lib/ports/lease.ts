import type { EpochMillis } from '../time.ts';

/** One settle at a time. */
export interface Lease {
  /** Whether the lease is the owner's until then: it was free, over, or the owner's already. */
  take(owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean>;
  release(owner: string): Promise<void>;
}
