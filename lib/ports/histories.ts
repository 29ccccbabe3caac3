import type { ReadRange } from '../claims/read-range.ts';
import type { JsonObject } from '../json.ts';
import type { EpochMillis } from '../time.ts';

/** A time interval of a history, including both ends. */
export interface TimeInterval {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/**
 * CloudTrail's event history of one account and Region, by event name. Its methods throw an error if CloudTrail does
 * not answer.
 */
export interface TrailHistory {
  /** The account and the Region, in words. */
  readonly name: string;
  /** Returns one page, the newest records first, each as JSON text. A token is valid only for the same request. */
  page(wanted: TimeInterval & { readonly eventName: string }, token: string | undefined): Promise<HistoryPage>;
}

/**
 * The ranges of event histories that were read, by account, Region and event name. So none is read twice within a short
 * time.
 */
export interface SweptHistory {
  of(wanted: ReadRange, now: EpochMillis): { readonly read: readonly ReadRange[] };
  note(range: ReadRange, found: readonly [], now: EpochMillis): void;
}

export interface HistoryPage {
  readonly records: readonly string[];
  readonly nextToken?: string | undefined;
}

/** The audit streams of a log group. Its methods throw an error if CloudWatch Logs does not answer. */
export interface LogHistory {
  readonly logGroup: string;
  /** Returns the Region of the log group, if it is known. */
  region(): Promise<string | undefined>;
  /** The account that hands the events over. Absent if the log group is in the account and Region of the tables. */
  readonly handedOverBy?: string | undefined;
  /** The prefix of the names of the streams to read. */
  readonly streamPrefix: string;
  /** Returns one page in the form in which subscriptions deliver it, with one payload for each stream. */
  page(wanted: TimeInterval, token: string | undefined): Promise<LogPage>;
}

export interface LogPage {
  readonly payloads: readonly JsonObject[];
  readonly nextToken?: string | undefined;
}

/** A search in a log group. Its methods throw an error if CloudWatch Logs cannot be reached. */
export interface LogSearch {
  readonly logGroup: string;
  /** Returns one page of the messages that match a pattern, or a sentence that says why there is none. */
  page(
    wanted: TimeInterval & { readonly pattern: string },
    token: string | undefined,
  ): Promise<LogPage | { readonly refused: string }>;
}
