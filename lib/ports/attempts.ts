import type { EpochMillis } from '../time.ts';

/** What is known of earlier attempts at a delivery or a message. */
export interface AttemptNote {
  /** The number of slices of the delivery that are stored. */
  readonly slices: number;
  /** The number of attempts at the next slice, or at the message, that began and have not ended. */
  readonly open: number;
  /** The IDs of the notes against which it counts if the work breaks off now. */
  readonly on?: readonly string[];
}

/** An attempt note, with the time at which it was written. */
export interface DatedAttemptNote extends AttemptNote {
  readonly at: EpochMillis;
}

/**
 * Notes of attempts. A note is written before the work, because a function that breaks off leaves no other trace. So
 * the next attempt goes on where the last one stopped. A message on which the function always breaks off can be
 * recognized.
 */
export interface Attempts {
  noted(id: string): Promise<DatedAttemptNote | undefined>;
  /**
   * Writes a note that follows from the one before. Returns exactly the note that this write replaced, however many
   * processes write.
   * @param change may be called again with a later note.
   */
  change(
    id: string,
    change: (before: DatedAttemptNote | undefined, now: EpochMillis) => AttemptNote,
  ): Promise<DatedAttemptNote | undefined>;
  forget(id: string): Promise<void>;
}
