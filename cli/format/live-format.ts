import type { AuditRecord } from '../../lib/attribution/record.ts';
import { ShownRequests } from '../access/requests.ts';
import type { ShownAs } from '../records/follow/shown-records.ts';
import { csvCell, escapeForTerminal } from '../terminal/escape.ts';
import { howColumn, whoColumn } from './columns.ts';
import { CSV_COLUMNS, csvLine } from './csv.ts';
import { isOcsf, type OcsfFormatName, ocsfEvents } from './ocsf.ts';
import type { RecordFormatName } from './record-format.ts';
import { tableHead, tableRow } from './table.ts';

/** How records are written while they come: a head once, then each record, saying what it corrects. */
export interface LiveFormat {
  readonly head: string;
  /** Empty where it is shown already, as another stage of a request. */
  record(record: AuditRecord, was: ShownAs | undefined): string;
}

export function liveFormat(name: RecordFormatName): LiveFormat {
  if (isOcsf(name)) return { head: '', record: ocsfRecord(name) };
  switch (name) {
    case 'table':
      return { head: tableHead(), record: tableRecord() };
    case 'csv':
      return { head: csvLine([...CSV_COLUMNS.keys(), 'corrected']), record: csvRecord };
    case 'jsonl':
      return { head: '', record: (record, was) => `${JSON.stringify({ ...record, corrected: was })}\n` };
  }
}

/** A row for each request, and one for each correction of it: its other stages say the same. */
function tableRecord(): LiveFormat['record'] {
  const shown = new ShownRequests();
  return (record, was) => {
    const said = was === undefined ? '' : JSON.stringify([was, whoColumn(record), howColumn(record)]);
    return shown.isNew(record, said) ? tableRow(record) + correctionLine(was) : '';
  };
}

function correctionLine(was: ShownAs | undefined): string {
  return was === undefined ? '' : `  ^ corrected: shown before as ${escapeForTerminal(wasText(was))}\n`;
}

function csvRecord(record: AuditRecord, was: ShownAs | undefined): string {
  const cells = [...CSV_COLUMNS.values()].map((cell) => csvCell(String(cell(record) ?? '')));
  return csvLine([...cells, was === undefined ? '' : csvCell(wasText(was))]);
}

function ocsfRecord(name: OcsfFormatName): LiveFormat['record'] {
  const event = ocsfEvents(name);
  return (record, was) => {
    const { unmapped, ...mapped } = event(record);
    const corrected = was === undefined ? {} : { 'eks_whois.corrected': wasText(was) };
    return `${JSON.stringify({ ...mapped, unmapped: { ...unmapped, ...corrected } })}\n`;
  };
}

function wasText({ status, who, how }: ShownAs): string {
  return [status, who, how].filter((part) => part !== undefined).join(' ');
}
