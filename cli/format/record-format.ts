import type { Answer } from '../../lib/attribution/answer.ts';
import { completeRecord, completeRecordText, parseRecordHead, restText } from '../../lib/attribution/record.ts';
import { plainJsonText } from '../../lib/words/escape.ts';
import { csvFormat } from './csv.ts';
import { ecsFormat } from './ecs.ts';
import { isOcsf, OCSF_FORMATS, ocsfFormat } from './ocsf.ts';
import type { RecordWriter } from './record-writer.ts';
import { valueWriter } from './structured.ts';
import { type TableView, tableFormat } from './table.ts';
import { WHOLE } from './view.ts';

export const RECORD_FORMATS = ['table', 'wide', 'jsonl', 'json', 'yaml', 'csv', ...OCSF_FORMATS, 'ecs'] as const;
export type RecordFormatName = (typeof RECORD_FORMATS)[number];

/** Whether it is for a person: a row for each request. */
export function isTable(name: RecordFormatName): boolean {
  return name === 'table' || name === 'wide';
}

export function recordFormat(
  name: RecordFormatName,
  view: Omit<TableView, 'isWide'> = { ...WHOLE, sumsSystem: false },
): RecordWriter {
  if (name === 'table' || name === 'wide') return tableFormat({ ...view, isWide: name === 'wide' });
  if (name === 'csv') return csvFormat();
  if (name === 'ecs') return ecsFormat();
  if (isOcsf(name)) return ocsfFormat(name);
  const { value, end } = valueWriter(name);
  return { record: value, end };
}

/** As `RecordWriter`, for records whose head is there as JSON (`RecordHead`). */
export interface AnswerFormat {
  record(head: string, answer: Answer): string;
  /** What stands behind the head, but for its last bracket, where a record is nothing but both; of an attribution as JSON. */
  rest?(attribution: string): string;
  end(): string;
}

export function answerFormat(name: RecordFormatName, view: Omit<TableView, 'isWide'>): AnswerFormat {
  const { record, end } = recordFormat(name, view);
  if (name === 'jsonl') {
    return {
      record: (head, answer) => `${plainJsonText(completeRecordText(head, answer))}\n`,
      rest: (attribution) => plainJsonText(restText(attribution, '\n')),
      end,
    };
  }
  return { record: (head, answer) => record(completeRecord(parseRecordHead(head), answer)), end };
}
