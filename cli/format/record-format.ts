import { csvFormat } from './csv.ts';
import { ecsFormat } from './ecs.ts';
import { isOcsf, OCSF_FORMATS, ocsfFormat } from './ocsf.ts';
import { RecordTexts } from './record-texts.ts';
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
  if (name === 'jsonl') {
    const texts = new RecordTexts();
    return { record: (record) => `${texts.of(record)}\n`, end: () => '' };
  }
  const { value, end } = valueWriter(name);
  return { record: value, end };
}
