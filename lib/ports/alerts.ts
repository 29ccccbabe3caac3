import type { Alert } from '../claims/alert.ts';
import type { AlertDigest, HeldAlert } from '../claims/alert-digest.ts';
import type { AlertLedger } from '../claims/alert-ledger.ts';
import type { EpochMillis } from '../time.ts';
import type { FaultyItem } from './stored-items.ts';

export interface Alerts {
  publish(message: Alert | AlertDigest): Promise<void>;
}

/** What waits for the next digest, and what was told lately. Nothing here is ever late. */
export interface AlertBoard {
  ledger(): Promise<AlertLedger>;
  /** Changes the ledger by a function of what it is now, which may be called again where somebody else was faster. */
  note(change: (ledger: AlertLedger) => AlertLedger): Promise<void>;
  /** Holding the same claim's notice again for the same group, at another time, is another notice. */
  hold(held: HeldAlert): Promise<void>;
  /** When the first of those that are held is due, readable or not. */
  nextDue(): Promise<EpochMillis | undefined>;
  /** Those that are due first. */
  held(limit: number): Promise<HeldAlerts>;
  /** They were told of. */
  release(held: readonly HeldAlert[]): Promise<void>;
}

export interface HeldAlerts {
  readonly held: readonly HeldAlert[];
  readonly faulty: readonly FaultyItem[];
}
