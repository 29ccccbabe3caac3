import type { AuditRecord } from '../../lib/attribution/record.ts';
import { csvFormat } from './csv.ts';
import { ocsfFormat } from './ocsf.ts';
import { tableFormat } from './table.ts';

/** How records are written: each one's text, and what is left to say at the end. */
export interface RecordFormat {
  record(record: AuditRecord): string;
  end(): string;
}

export const RECORD_FORMATS = ['jsonl', 'table', 'csv', 'ocsf'] as const;
export type RecordFormatName = (typeof RECORD_FORMATS)[number];

export function recordFormat(name: RecordFormatName): RecordFormat {
  if (name === 'table') return tableFormat();
  if (name === 'csv') return csvFormat();
  if (name === 'ocsf') return ocsfFormat();
  return { record: (record) => `${JSON.stringify(record)}\n`, end: () => '' };
}
