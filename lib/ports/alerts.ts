import type { Alert } from '../claims/alert.ts';
import type { AlertDigest, HeldAlert } from '../claims/alert-digest.ts';
import type { AlertLedger } from '../claims/alert-ledger.ts';
import type { EpochMillis } from '../time.ts';
import type { FaultyItem } from './stored-items.ts';

export interface Alerts {
  publish(message: Alert | AlertDigest): Promise<void>;
}

/** The notices that are held for the next digest, and the alerts that were sent recently. Reads are consistent. */
export interface AlertBoard {
  ledger(): Promise<AlertLedger>;
  /**
   * Changes the ledger by a function of its present value, unless the function returns undefined. If another writer was
   * faster, the function is called again. Returns whether the ledger was changed.
   */
  note(change: (ledger: AlertLedger) => AlertLedger | undefined): Promise<boolean>;
  /** Holds a notice. A notice about the same claim and group at another time is another notice. */
  hold(held: HeldAlert): Promise<void>;
  /** Returns when the first held notice is due, even if the notice cannot be read. */
  nextDue(): Promise<EpochMillis | undefined>;
  /** Returns the held notices that are due first. */
  held(limit: number): Promise<HeldAlerts>;
  /** Removes notices that were sent. */
  release(held: readonly HeldAlert[]): Promise<void>;
}

export interface HeldAlerts {
  readonly held: readonly HeldAlert[];
  readonly faulty: readonly FaultyItem[];
}
