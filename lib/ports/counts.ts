import type { CountedRecord } from '../counts/contribution.ts';
import type { HourCounts } from '../counts/hour-counts.ts';
import type { EpochMillis } from '../time.ts';
import type { FaultyItem } from './stored-items.ts';

/** What an hour was found to hold, cluster by cluster. */
export interface CountedHour {
  readonly counts: readonly HourCounts[];
  /** False: there is more than was to be read, and nothing is told of it. */
  readonly isWhole: boolean;
  /** Requests that it took. */
  readonly requests: number;
  /** Entries that cannot be read, as of another version: they are not counted. */
  readonly faulty: readonly FaultyItem[];
}

/** An hour's counts, kept. */
export interface KeptHour extends HourCounts {
  /** When it was counted. */
  readonly asOf: EpochMillis;
}

/** An hour in which something was counted after it had been looked through. */
export interface MarkedHour {
  readonly hour: EpochMillis;
  readonly at: EpochMillis;
}

/** When ingest last stored a delivery that just happened, and whose reads it leaves out (`Recording`). */
export interface LastIngest {
  readonly at: EpochMillis;
  readonly omits: readonly string[];
}

/** How far settle has come. */
export interface CountProgress {
  /** When counting began: what was stored before is not counted. */
  readonly since: EpochMillis;
  /** Up to this hour all are counted and kept. */
  readonly through: EpochMillis;
  /** When settle last ran. */
  readonly at: EpochMillis;
}

/**
 * What is counted of records, by hour and cluster. Nothing is ever counted up: each entry says of one record at one revision
 * what it counts for, and an hour's counts are computed of its entries. So the same again, in parts, in any order, changes
 * nothing. Nothing here is late.
 */
export interface CountStore {
  /** `source`: whose entries they are, a delivery's or a claim's. */
  add(records: readonly CountedRecord[], source: string): Promise<void>;
  /** Those of the records that the source has not added at this revision. */
  missing(records: readonly CountedRecord[], source: string): Promise<readonly CountedRecord[]>;
  /** Counts the hour. `most`: requests at most. */
  count(hour: EpochMillis, most?: number): Promise<CountedHour>;
  /** Keeps what `count` found, unless it is older than what is kept. */
  keep(counts: readonly HourCounts[], asOf: EpochMillis): Promise<void>;
  /** What is kept of the hours from one up to another, both included. */
  kept(first: EpochMillis, last: EpochMillis): Promise<readonly KeptHour[]>;
  /** The hours that were marked until then. */
  marked(until: EpochMillis): Promise<readonly MarkedHour[]>;
  /** The hour was counted since; one that was marked again stays. */
  unmark(marked: MarkedHour): Promise<void>;
  /** Ingest has stored a delivery that just happened, but for reads of the resources that `omits` names: remembered to the minute. */
  noteIngest(omits: readonly string[]): Promise<void>;
  /** Undefined where it never did. */
  lastIngest(): Promise<LastIngest | undefined>;
  progress(): Promise<CountProgress | undefined>;
  advance(progress: CountProgress): Promise<void>;
}
