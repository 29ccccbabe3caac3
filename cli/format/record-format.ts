import type { Answer } from '../../lib/attribution/answer.ts';
import { completeRecord, completeRecordText, parseRecordHead } from '../../lib/attribution/record.ts';
import { csvFormat } from './csv.ts';
import { isOcsf, OCSF_FORMATS, ocsfFormat } from './ocsf.ts';
import type { RecordWriter } from './record-writer.ts';
import { tableFormat } from './table.ts';

export const RECORD_FORMATS = ['jsonl', 'table', 'csv', ...OCSF_FORMATS] as const;
export type RecordFormatName = (typeof RECORD_FORMATS)[number];

export function recordFormat(name: RecordFormatName): RecordWriter {
  if (name === 'table') return tableFormat();
  if (name === 'csv') return csvFormat();
  if (isOcsf(name)) return ocsfFormat(name);
  return { record: (record) => `${JSON.stringify(record)}\n`, end: () => '' };
}

/** As `RecordWriter`, for records whose head is there as JSON (`RecordHead`). */
export interface AnswerFormat {
  record(head: string, answer: Answer): string;
  end(): string;
}

export function answerFormat(name: RecordFormatName): AnswerFormat {
  const { record, end } = recordFormat(name);
  if (name === 'jsonl') return { record: (head, answer) => `${completeRecordText(head, answer)}\n`, end };
  return { record: (head, answer) => record(completeRecord(parseRecordHead(head), answer)), end };
}
