import type { AuditRecord } from '../../lib/attribution/record.ts';
import { ShownRequests } from '../access/requests.ts';
import { escapeForTerminal } from '../terminal/escape.ts';
import { padToWidth, widthOf } from '../terminal/width.ts';
import { howColumn, targetColumn, whoColumn } from './columns.ts';
import type { RecordWriter } from './record-writer.ts';

interface Column {
  readonly title: string;
  readonly widest: number;
  /** How wide it is where rows are shown one by one, before others are known. */
  readonly usual: number;
  of(record: AuditRecord): string;
}

const COLUMNS: readonly Column[] = [
  { title: 'TIME', widest: 20, usual: 20, of: (record) => record.time?.replace(/\.\d+(?=Z?$)/, '') ?? '' },
  { title: 'CLUSTER', widest: 20, usual: 10, of: (record) => record.cluster ?? '' },
  { title: 'WHO', widest: 44, usual: 28, of: whoColumn },
  { title: 'STATUS', widest: 12, usual: 12, of: (record) => record.attribution.status },
  { title: 'HOW OR WHY', widest: 30, usual: 26, of: howColumn },
  { title: 'VERB', widest: 8, usual: 6, of: (record) => record.request?.verb ?? '' },
  { title: 'WHAT', widest: 48, usual: 44, of: targetColumn },
  { title: 'CODE', widest: 4, usual: 4, of: (record) => String(record.response?.code ?? '') },
  { title: 'FLAGS', widest: 60, usual: 5, of: (record) => record.attribution.flags.join(' ') },
];

/** So many rows decide how wide the columns are; later ones may stick out. */
const MEASURED_ROWS = 500;

/** A table for a person at a terminal: a row for each request, of the stage that comes first. Everything from the logs is shown escaped. */
export function tableFormat(): RecordWriter {
  const first: string[][] = [];
  const shown = new ShownRequests();
  let widths: number[] | undefined;
  const layOut = (): string => {
    const rows = [COLUMNS.map((column) => column.title), ...first];
    widths = COLUMNS.map(({ widest }, column) =>
      Math.min(widest, Math.max(...rows.map((row) => widthOf(row[column] ?? '')))),
    );
    const text = first.length === 0 ? '' : rows.map((row) => line(row, widths ?? [])).join('');
    first.length = 0;
    return text;
  };
  return {
    record(record) {
      if (!shown.isNew(record)) return '';
      const row = cellsOf(record);
      if (widths !== undefined) return line(row, widths);
      first.push(row);
      return first.length < MEASURED_ROWS ? '' : layOut();
    },
    end: () => (widths === undefined ? layOut() : ''),
  };
}

const USUAL = COLUMNS.map(({ usual }) => usual);

/** The head of a table whose rows are shown one by one. */
export function tableHead(): string {
  return line(
    COLUMNS.map(({ title }) => title),
    USUAL,
  );
}

/** A row of it; what is wider than its column sticks out. */
export function tableRow(record: AuditRecord): string {
  return line(cellsOf(record), USUAL);
}

function cellsOf(record: AuditRecord): string[] {
  return COLUMNS.map((column) => escapeForTerminal(column.of(record)));
}

function line(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => padToWidth(cell, widths[column] ?? 0));
  return `${cells.join('  ').trimEnd()}\n`;
}
