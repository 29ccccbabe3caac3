import type { CeilingGap, GapKind } from '../heartbeats/ceiling-gap.ts';
import type { AccountVolume, Volume } from '../heartbeats/volume.ts';
import type { EpochMillis } from '../time.ts';
import type { TimeRange } from './paging.ts';

/** The volumes that each account sent today (UTC). A process that ends loses what it has not written yet, which is the sums of a minute at most. */
export interface Volumes {
  /**
   * Adds to what the account sent today, and returns the sums. It writes at most once a minute, unless much was added, such as an
   * attempt (`OF_ATTEMPT`). So the sums of other processes may be a minute old.
   */
  add(accountId: string, added: Partial<Volume>): Promise<Volume>;
  /** Returns what the account sent today. The sums may be a minute old. */
  of(accountId: string): Promise<Volume>;
  /** Returns what each account sent today, in no particular order. */
  today(): Promise<readonly AccountVolume[]>;
  /**
   * Notes that events of the account since this time are left out until the end of today. It is stored before it returns, so that no
   * answer is silent about events that were dropped. The earliest time of a day counts.
   */
  noteGap(accountId: string, what: GapKind, since: EpochMillis): Promise<void>;
  /** Returns the noted gaps that overlap the range, in no particular order. */
  gaps(range: TimeRange): Promise<readonly CeilingGap[]>;
}
