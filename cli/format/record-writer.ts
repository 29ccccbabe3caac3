import type { AuditRecord } from '../../lib/attribution/record.ts';

/** How records are written: each one's text, and what is left to say at the end. */
export interface RecordWriter {
  record(record: AuditRecord): string;
  end(): string;
}
