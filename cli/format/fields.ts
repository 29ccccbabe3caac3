import type { AuditRecord } from '../../lib/attribution/record.ts';
import { parseInstant } from '../../lib/time.ts';
import { csvCell } from '../../lib/words/escape.ts';
import { CSV_COLUMNS, csvLine } from '../../lib/words/record-csv.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { fittedTable } from '../terminal/fitted-table.ts';
import type { RecordWriter } from './record-writer.ts';
import { isStructured, valueWriter } from './structured.ts';
import type { View } from './view.ts';

/** Fields that are texts in CSV, and lists or objects in JSON. */
const LISTS: Readonly<Record<string, (record: AuditRecord) => unknown>> = {
  flags: ({ attribution }) => attribution.flags,
  groups: ({ caller }) => caller.groups,
  sourceIps: ({ source }) => source?.ips,
  chain: ({ attribution }) => attribution.chain,
  candidates: ({ attribution }) => attribution.candidates,
  use: ({ attribution }) => attribution.use,
  uses: ({ attribution }) => attribution.uses,
};

/**
 * Returns the writer of some fields of records.
 * @throws CommandError if the format has fields of its own.
 */
export function fieldsFormat(format: string, fields: readonly string[], view: View): RecordWriter {
  if (isStructured(format)) {
    const { value, end } = valueWriter(format);
    return { record: (record) => value(objectOf(record, fields)), end };
  }
  if (format === 'csv') {
    let head = view.isHeadless === true ? '' : csvLine(fields);
    const withHead = (text: string): string => {
      const all = head + text;
      head = '';
      return all;
    };
    return {
      record: (record) => withHead(csvLine(fields.map((name) => csvCell(textOf(record, name))))),
      end: () => withHead(''),
    };
  }
  if (format === 'table' || format === 'wide') return tableOf(fields, view);
  throw wrongUsage(`--fields works with tables, CSV, JSON and YAML. The events of ${format} have their own fields.`);
}

function tableOf(fields: readonly string[], view: View): RecordWriter {
  const rows: AuditRecord[] = [];
  const columns = fields.map((name) => ({
    title: name.replace(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase(),
    of: (record: AuditRecord) => textOf(record, name),
  }));
  return {
    record(record) {
      rows.push(record);
      return '';
    },
    end: () => fittedTable([{ columns }], rows, view),
  };
}

function objectOf(record: AuditRecord, fields: readonly string[]): object {
  const values = fields.map((name) => [name, (LISTS[name] ?? CSV_COLUMNS.get(name))?.(record)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function textOf(record: AuditRecord, name: string): string {
  return String(CSV_COLUMNS.get(name)?.(record) ?? '');
}

/** Compares two records by a field, ascending. Numbers and times compare as such. A record without the field comes last. */
export function compareBy(name: string): (a: AuditRecord, b: AuditRecord) => number {
  const of = (record: AuditRecord) => {
    const value = CSV_COLUMNS.get(name)?.(record);
    const isAbsent = value === undefined || value === '';
    return isAbsent ? undefined : name === 'time' ? (parseInstant(String(value)) ?? undefined) : value;
  };
  return (a, b) => {
    const [one, other] = [of(a), of(b)];
    if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
    return one < other ? -1 : Number(one > other);
  };
}
