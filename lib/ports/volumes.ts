import type { AccountVolume, Volume } from '../heartbeats/volume.ts';

/** What each account sent today (UTC). A process that ends loses what it has not written yet, which is a minute's sums at most. */
export interface Volumes {
  /**
   * Adds to what the account sent today, and returns the sums. It writes at most once a minute, unless much was added, so the sums of
   * other processes may be a minute old.
   */
  add(accountId: string, added: Partial<Volume>): Promise<Volume>;
  /** Returns what the account sent today. The sums may be a minute old. */
  of(accountId: string): Promise<Volume>;
  /** Returns what each account sent today, in no particular order. */
  today(): Promise<readonly AccountVolume[]>;
}
