import type { Answer } from '../../lib/attribution/attribute.ts';
import { type AuditRecord, completeRecord, completeRecordText, parseRecordHead } from '../../lib/attribution/record.ts';
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

/** As `RecordFormat`, for records whose head is there as JSON (`RecordHead`). */
export interface AnswerFormat {
  record(head: string, answer: Answer): string;
  end(): string;
}

export function answerFormat(name: RecordFormatName): AnswerFormat {
  const { record, end } = recordFormat(name);
  if (name === 'jsonl') return { record: (head, answer) => `${completeRecordText(head, answer)}\n`, end };
  return { record: (head, answer) => record(completeRecord(parseRecordHead(head), answer)), end };
}
