import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { ShownState } from '../records/follow/follower.ts';

/** How records are written: each one's text, and what is left to say at the end. */
export interface RecordWriter {
  record(record: AuditRecord): string;
  end(): string;
}

/** How records are written while they come: a head once, then each record, saying what it corrects. */
export interface LiveFormat {
  readonly head: string;
  /** Empty where it is shown already, as another stage of a request. */
  record(record: AuditRecord, was: ShownState | undefined): string;
}
