import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { ShownState } from '../records/follow/follower.ts';

/** Writes records one by one: the text of each, and the end. */
export interface RecordWriter {
  record(record: AuditRecord): string;
  end(): string;
}

/** Writes records while they come: a head once, then each record, with what it corrects. */
export interface LiveFormat {
  readonly head: string;
  /** Returns the text of a record. Empty if another stage of the request was already shown. */
  record(record: AuditRecord, was: ShownState | undefined): string;
}
