import type { CeilingGap, GapKind } from '../heartbeats/ceiling-gap.ts';
import type { AccountVolume, Volume } from '../heartbeats/volume.ts';
import type { EpochMillis } from '../time.ts';
import type { TimeRange } from './paging.ts';

/**
 * The volumes that each account sent today (UTC). A process that ends loses what it has not written yet, which is at
 * most the sums of a minute.
 */
export interface Volumes {
  /**
   * Adds to what the account sent today. Returns the sums. It writes at most once a minute, unless much was added, such
   * as an attempt (`OF_ATTEMPT`). So the sums of other processes can be a minute old.
   */
  add(accountId: string, added: Partial<Volume>): Promise<Volume>;
  /** Returns what the account sent today. The sums may be a minute old. */
  of(accountId: string): Promise<Volume>;
  /** Returns what each account sent today, in no particular order. */
  today(): Promise<readonly AccountVolume[]>;
  /**
   * Notes that events of the account since this time are left out until the end of today. The note is stored when it
   * returns. So every answer can say that events were left out. The earliest time of a day counts.
   */
  noteGap(accountId: string, what: GapKind, since: EpochMillis): Promise<void>;
  /** Returns the gaps that overlap the range, in any order. */
  gaps(range: TimeRange): Promise<readonly CeilingGap[]>;
}
