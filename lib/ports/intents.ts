import type { ClaimIntent } from '../claims/claim.ts';
import type { EpochMillis } from '../time.ts';
import type { RecordKey } from './records.ts';
import type { FaultyItem } from './stored-items.ts';

/**
 * Which records a delivery is about to store, and which claims it is about to open, announced before it stores any, until it has
 * counted the records and opened the claims: a crash in between loses none, also where the delivery never comes again.
 */
export interface ClaimIntents {
  /** A delivery that is tried again, with grants that came meanwhile, adds to what it announced before. */
  announce(delivery: string, announced: Announcement, now: EpochMillis): Promise<void>;
  /** All of the delivery's records are counted, and its claims are open. */
  withdraw(delivery: string): Promise<void>;
  /** The claims of this part are open, and its records counted. A part that was announced again since it was read stays. */
  fulfil(announced: AnnouncedIntents): Promise<void>;
  /**
   * What was announced before the time and never withdrawn, in parts: of one delivery there may be several. It comes some at a
   * time, since after an hour of failures it is more than fits into memory.
   */
  forgotten(before: EpochMillis): AsyncIterable<ForgottenIntents>;
}

export interface ForgottenIntents {
  readonly announced: readonly AnnouncedIntents[];
  readonly faulty: readonly FaultyItem[];
}

export interface Announcement {
  readonly intents: readonly ClaimIntent[];
  /** Records that are about to be stored. */
  readonly records: readonly RecordKey[];
}

export interface AnnouncedIntents extends Announcement {
  readonly delivery: string;
  /** Which part of what the delivery announced: opaque, the same for the same. */
  readonly part: string;
  readonly at: EpochMillis;
}
