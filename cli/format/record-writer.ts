import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { ShownState } from '../records/follow/follower.ts';

/** A writer of single records: the text of each, and the text at the end. */
export interface RecordWriter {
  record(record: AuditRecord): string;
  end(): string;
}

/** A writer of records while they arrive: one header, then each record, with the state that it corrects. */
export interface LiveFormat {
  readonly head: string;
  /** Returns the text of a record. Empty if another stage of the request was already shown. */
  record(record: AuditRecord, was: ShownState | undefined): string;
}
