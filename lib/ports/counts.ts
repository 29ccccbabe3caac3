import type { CountedRecord, HourOfAccount } from '../counts/contribution.ts';
import type { HourCounts } from '../counts/hour-counts.ts';
import type { EpochMillis } from '../time.ts';
import type { FaultyItem } from './stored-items.ts';

/** The counts of an hour, by cluster. */
export interface CountedHour {
  readonly counts: readonly HourCounts[];
  /** False if the hour has more entries than may be read. Its counts are not known then. */
  readonly isComplete: boolean;
  /** The entries that cannot be read, for example from another version. They are not counted. */
  readonly faulty: readonly FaultyItem[];
}

/**
 * The counts of an hour, for the clusters of one account. If there are more entries than are read, the counts are
 * `isPartial`.
 */
export interface CountedAccount extends Pick<CountedHour, 'counts' | 'faulty'> {
  readonly accountId: string;
}

/** Which accounts of an hour to count: all after `after` in alphabetical order, or only one. */
export type AccountsWithin = { readonly after?: string | undefined } | { readonly only: string };

/** Stored counts of an hour. */
export interface KeptHour extends HourCounts {
  /** The time of the count. */
  readonly asOf: EpochMillis;
}

/** An hour that received entries after it was counted, for the clusters of this account. */
export interface MarkedHour extends HourOfAccount {
  readonly at: EpochMillis;
}

/** Which hours to return: from `first` to `last`, including both, and at most `most` for each account. */
export interface MarksWithin {
  readonly first?: EpochMillis;
  readonly last?: EpochMillis;
  readonly most?: number;
}

/** When ingest last stored a live delivery, and the resources whose reads it leaves out (`Recording`). */
export interface LastIngest {
  readonly at: EpochMillis;
  readonly omits: readonly string[];
}

/** The progress of counting by settle. */
export interface CountProgress {
  /** The time at which counting began. Earlier records are not counted. */
  readonly since: EpochMillis;
  /** The last hour that settle has counted and stored completely. All hours before it are complete too. */
  readonly through: EpochMillis;
  /** The last account whose counts of the next hour are stored. Absent if there is none. */
  readonly account?: string | undefined;
  /**
   * The last account for which a late hour was counted. The next run begins with the account after it. Absent if there
   * was none.
   */
  readonly lateOf?: string | undefined;
  /** The time at which settle last ran. */
  readonly at: EpochMillis;
}

/**
 * Counts of records by hour and cluster. No number is ever increased. Each entry has the traits of one revision of a
 * record. The counts of an hour are made from its entries. So the order of the entries does not matter, and a
 * repeated entry changes nothing. Reads are consistent.
 */
export interface CountStore {
  /**
   * Adds entries for the records.
   * @param source the delivery or claim that adds them.
   */
  add(records: readonly CountedRecord[], source: string): Promise<void>;
  /** Returns those of the records whose present revision has no entry from this source. */
  missing(records: readonly CountedRecord[], source: string): Promise<readonly CountedRecord[]>;
  /**
   * Counts the hour at once, for a question.
   * @param most the maximum number of requests.
   */
  count(hour: EpochMillis, most?: number): Promise<CountedHour>;
  /**
   * Counts the hour account by account, in alphabetical order. It limits what is read of each account. So no account
   * can use up the time or the memory of a run.
   */
  accounts(hour: EpochMillis, within?: AccountsWithin): AsyncIterable<CountedAccount>;
  /** Replaces the stored counts of an account and hour, unless these are newer. */
  keep(counts: readonly HourCounts[], asOf: EpochMillis): Promise<void>;
  /** Returns the stored counts of the hours from `first` to `last`, including both. */
  kept(first: EpochMillis, last: EpochMillis): Promise<readonly KeptHour[]>;
  /** Returns the hours that were marked up to this time. Within the range, they are the first ones of each account. */
  marked(until: EpochMillis, within?: MarksWithin): Promise<readonly MarkedHour[]>;
  /** Removes the mark after the hour was counted. If the mark was set again since, it stays. */
  unmark(marked: MarkedHour): Promise<void>;
  /**
   * Notes that ingest stored a live delivery, exact to the minute. `omits` has the resources whose reads it leaves out.
   */
  noteIngest(omits: readonly string[]): Promise<void>;
  /** Returns the last such note. Undefined if there is none. */
  lastIngest(): Promise<LastIngest | undefined>;
  progress(): Promise<CountProgress | undefined>;
  advance(progress: CountProgress): Promise<void>;
}
