import type { ReadRange } from '../claims/read-range.ts';
import type { JsonObject } from '../json.ts';
import type { EpochMillis } from '../time.ts';

/** An interval of a history, both ends included. */
export interface TimeInterval {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** CloudTrail's event history of one account and Region, by event name. Methods throw if CloudTrail does not answer. */
export interface TrailHistory {
  /** Account and Region, for display. */
  readonly name: string;
  /** Returns one page, newest first, each record as a JSON text. A token is valid for the same request only. */
  page(wanted: TimeInterval & { readonly eventName: string }, token: string | undefined): Promise<HistoryPage>;
}

/**
 * The ranges of event histories that were read, by account, Region and event name, so that none is read twice within a
 * short time.
 */
export interface SweptHistory {
  of(wanted: ReadRange, now: EpochMillis): { readonly read: readonly ReadRange[] };
  note(range: ReadRange, found: readonly [], now: EpochMillis): void;
}

export interface HistoryPage {
  readonly records: readonly string[];
  readonly nextToken?: string | undefined;
}

/** The audit streams of a log group. Methods throw if CloudWatch Logs does not answer. */
export interface LogHistory {
  readonly logGroup: string;
  /** Returns the Region of the log group, if it is known. */
  region(): Promise<string | undefined>;
  /** The account that hands the events over, if the log group is not in the account and Region of the tables. */
  readonly handedOverBy?: string | undefined;
  /** Prefix of the names of the streams to read. */
  readonly streamPrefix: string;
  /** Returns one page in the form in which subscriptions deliver it: one payload for each stream. */
  page(wanted: TimeInterval, token: string | undefined): Promise<LogPage>;
}

export interface LogPage {
  readonly payloads: readonly JsonObject[];
  readonly nextToken?: string | undefined;
}

/** A search in a log group. Methods throw if CloudWatch Logs cannot be reached. */
export interface LogSearch {
  readonly logGroup: string;
  /** Returns one page of the messages that match a pattern, or a sentence saying why there is none. */
  page(
    wanted: TimeInterval & { readonly pattern: string },
    token: string | undefined,
  ): Promise<LogPage | { readonly refused: string }>;
}
