import type { ReadRange } from '../claims/read-range.ts';
import type { JsonObject } from '../json.ts';
import type { EpochMillis } from '../time.ts';

/** An interval of a history, both ends included. */
export interface TimeInterval {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** CloudTrail's event history of one account and Region, by event name. It throws where CloudTrail does not answer. */
export interface TrailHistory {
  /** Account and Region, as a person calls them. */
  readonly name: string;
  /** One page, newest first: each record as a JSON text. A token is good for the same request only. */
  page(asked: TimeInterval & { readonly eventName: string }, token: string | undefined): Promise<HistoryPage>;
}

/** Which ranges of event histories were read, by account, Region and event name: so that none is read again soon. */
export interface SweptHistory {
  of(wanted: ReadRange, now: EpochMillis): { readonly read: readonly ReadRange[] };
  note(range: ReadRange, found: readonly [], now: EpochMillis): void;
}

export interface HistoryPage {
  readonly records: readonly string[];
  readonly nextToken?: string | undefined;
}

/** The audit streams of a log group. It throws where CloudWatch Logs does not answer. */
export interface LogHistory {
  readonly logGroup: string;
  /** How the names of the streams begin that are read. */
  readonly streamPrefix: string;
  /** One page, as subscriptions would deliver it: one payload for each stream. */
  page(asked: TimeInterval, token: string | undefined): Promise<LogPage>;
}

export interface LogPage {
  readonly payloads: readonly JsonObject[];
  readonly nextToken?: string | undefined;
}

/** A log group, searched. It throws where CloudWatch Logs cannot be asked at all. */
export interface LogSearch {
  readonly logGroup: string;
  /** One page of the messages that match a pattern, as `LogHistory`; or why there is none, as a sentence for a person. */
  page(
    asked: TimeInterval & { readonly pattern: string },
    token: string | undefined,
  ): Promise<LogPage | { readonly refused: string }>;
}
