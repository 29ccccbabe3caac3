import type { ClaimIntent } from '../claims/claim.ts';
import type { EpochMillis } from '../time.ts';
import type { FaultyItem } from './stored-items.ts';

/**
 * Which claims a delivery is about to open, announced before its records are stored, until it has opened them: a crash in
 * between loses none.
 */
export interface ClaimIntents {
  /** A delivery that is tried again, with grants that came meanwhile, adds to what it announced before. */
  announce(delivery: string, intents: readonly ClaimIntent[], now: EpochMillis): Promise<void>;
  /** All of the delivery's claims are open. */
  withdraw(delivery: string): Promise<void>;
  /** The claims of this part are open. A part that was announced again since it was read stays. */
  fulfil(announced: AnnouncedIntents): Promise<void>;
  /** What was announced before the time and never withdrawn. Many intents of one delivery are announced in several parts. */
  forgotten(before: EpochMillis): Promise<ForgottenIntents>;
}

export interface ForgottenIntents {
  readonly announced: readonly AnnouncedIntents[];
  readonly faulty: readonly FaultyItem[];
}

export interface AnnouncedIntents {
  readonly delivery: string;
  /** Which part of the delivery's intents: opaque, the same for the same intents. */
  readonly part: string;
  readonly at: EpochMillis;
  readonly intents: readonly ClaimIntent[];
}
