import type { AuditRecord } from '../../lib/attribution/record.ts';
import { nearest } from '../../lib/nearness.ts';
import { parseInstant } from '../../lib/time.ts';
import { csvCell } from '../../lib/words/escape.ts';
import { CSV_COLUMNS, csvLine } from '../../lib/words/record-csv.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { fittedTable } from '../terminal/fitted-table.ts';
import { isStructured, valueWriter } from './structured.ts';
import type { View } from './view.ts';

/** A field of the rows of a list, by its name in CSV. */
export interface Field<Row> {
  readonly name: string;
  /** Returns the text in CSV and in tables. Empty if the row does not have the field. */
  text(row: Row): string;
  /** Returns the value in JSON, if it is another one than the text. */
  value?(row: Row): unknown;
}

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

/** The fields of records for `--fields` and `--sort`. They have the names and the order of the CSV columns. */
export const RECORD_FIELDS: readonly Field<AuditRecord>[] = [...CSV_COLUMNS].map(([name, cell]) => ({
  name,
  text: (record) => String(cell(record) ?? ''),
  value: LISTS[name] ?? cell,
}));

/**
 * Returns the fields of these names.
 * @param option the option that gave the names.
 * @throws CommandError for a name that no field has.
 */
export function fieldsNamed<Row>(
  names: readonly string[],
  fields: readonly Field<Row>[],
  option = '--fields',
): readonly Field<Row>[] {
  return names.map((name) => {
    const field = fields.find((each) => each.name === name);
    if (field !== undefined) return field;
    const known = fields.map((each) => each.name);
    const choice = option === '--sort' ? 'Give one' : 'Give one or more';
    const near = nearest(name, known);
    const suggestion = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `${choice} of ${known.join(', ')}.`;
    throw wrongUsage(`${option} cannot be ${name}. ${suggestion}`);
  });
}

/** A writer of single rows: the text of each, and the text at the end. */
interface RowWriter<Row> {
  row(row: Row): string;
  end(): string;
}

/**
 * Returns the writer of some fields of rows.
 * @throws CommandError if the format has fields of its own.
 */
export function fieldsFormat<Row>(format: string, fields: readonly Field<Row>[], view: View): RowWriter<Row> {
  if (isStructured(format)) {
    const { value, end } = valueWriter(format);
    return { row: (row) => value(objectOf(row, fields)), end };
  }
  if (format === 'csv') {
    let head = view.isHeadless === true ? '' : csvLine(fields.map(({ name }) => name));
    const withHead = (text: string): string => {
      const all = head + text;
      head = '';
      return all;
    };
    return { row: (row) => withHead(csvLine(fields.map(({ text }) => csvCell(text(row))))), end: () => withHead('') };
  }
  if (format === 'table' || format === 'wide') return tableOf(fields, view);
  throw wrongUsage(`--fields works with tables, CSV, JSON and YAML. The events of ${format} have their own fields.`);
}

/** Returns some fields of all rows in the format. */
export function fieldsText<Row>(
  rows: readonly Row[],
  fields: readonly Field<Row>[],
  format: string,
  view: View,
): string {
  const writer = fieldsFormat(format, fields, view);
  return rows.map(writer.row).join('') + writer.end();
}

function tableOf<Row>(fields: readonly Field<Row>[], view: View): RowWriter<Row> {
  const rows: Row[] = [];
  const columns = fields.map(({ name, text }) => ({
    title: name.replace(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase(),
    of: text,
  }));
  return {
    row(row) {
      rows.push(row);
      return '';
    },
    end: () => fittedTable([{ columns }], rows, view),
  };
}

function objectOf<Row>(row: Row, fields: readonly Field<Row>[]): object {
  const values = fields.map(({ name, text, value }) => [
    name,
    value === undefined ? text(row) || undefined : value(row),
  ]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** The fields that are times, and compare as such. */
const TIMES: readonly string[] = ['time', 'first', 'last'];

/** Compares two rows by a field, ascending. Numbers and times compare as such. A row without the field comes last. */
export function compareBy<Row>({ name, text, value }: Field<Row>): (a: Row, b: Row) => number {
  const of = (row: Row) => {
    const [own, shown] = [value?.(row), text(row)];
    if (typeof own === 'number') return own;
    if (shown === '') return undefined;
    return TIMES.includes(name) ? parseInstant(shown) : shown;
  };
  return (a, b) => {
    const [one, other] = [of(a), of(b)];
    if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
    return one < other ? -1 : Number(one > other);
  };
}
