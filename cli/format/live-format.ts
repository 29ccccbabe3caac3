import type { AuditRecord } from '../../lib/attribution/record.ts';
import { howColumn, whoColumn } from '../../lib/words/columns.ts';
import { csvCell, escapeForTerminal, plainJson } from '../../lib/words/escape.ts';
import { CSV_COLUMNS, csvLine } from '../../lib/words/record-csv.ts';
import { ShownRequests } from '../access/requests.ts';
import { wrongUsage } from '../failures/command-error.ts';
import type { ShownAs } from '../records/follow/shown-records.ts';
import { toned } from '../terminal/colour.ts';
import { ecsEvents } from './ecs.ts';
import { liveRow } from './live-row.ts';
import { isOcsf, type OcsfFormatName, ocsfEvents } from './ocsf.ts';
import type { RecordFormatName } from './record-format.ts';
import { valueWriter } from './structured.ts';
import type { View } from './view.ts';

/** How records are written while they come: a head once, then each record, saying what it corrects. */
export interface LiveFormat {
  readonly head: string;
  /** Empty where it is shown already, as another stage of a request. */
  record(record: AuditRecord, was: ShownAs | undefined): string;
}

/** @throws CommandError for a format that has an end, since there is none. */
export function liveFormat(name: RecordFormatName, view: View): LiveFormat {
  if (isOcsf(name)) return { head: '', record: ocsfRecord(name) };
  switch (name) {
    case 'table':
    case 'wide':
      return { head: '', record: tableRecord(view) };
    case 'csv':
      return { head: csvLine([...CSV_COLUMNS.keys(), 'corrected']), record: csvRecord };
    case 'ecs':
      return { head: '', record: ecsRecord() };
    case 'json':
      throw wrongUsage('--follow has no end, and a JSON array needs one: give --output jsonl or yaml.');
    default: {
      const { value } = valueWriter(name);
      return { head: '', record: (record, was) => value({ ...record, corrected: was }) };
    }
  }
}

/** A row for each request, and one for each correction of it: its other stages say the same. */
function tableRecord(view: View): LiveFormat['record'] {
  const shown = new ShownRequests();
  return (record, was) => {
    const said = was === undefined ? '' : JSON.stringify([was, whoColumn(record), howColumn(record)]);
    return shown.isNew(record, said) ? liveRow(record, view) + correctionLine(was, view) : '';
  };
}

function correctionLine(was: ShownAs | undefined, { isColoured }: View): string {
  if (was === undefined) return '';
  const text = `^ corrected: shown before as ${escapeForTerminal(wasText(was))}`;
  return `  ${isColoured ? toned(text, 'doubtful') : text}\n`;
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
    return `${plainJson({ ...mapped, unmapped: { ...unmapped, ...corrected } })}\n`;
  };
}

function ecsRecord(): LiveFormat['record'] {
  const event = ecsEvents();
  return (record, was) => {
    const { eks_whois, ...mapped } = event(record);
    const corrected = was === undefined ? {} : { corrected: wasText(was) };
    return `${plainJson({ ...mapped, eks_whois: { ...eks_whois, ...corrected } })}\n`;
  };
}

function wasText({ status, who, how }: ShownAs): string {
  return [status, who, how].filter((part) => part !== undefined).join(' ');
}
