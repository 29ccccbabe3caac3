import type { KnownKind } from '../../lib/claims/known.ts';
import type { KnownRow } from '../../lib/usecases/query/known-query.ts';
import { csvCell } from '../../lib/words/escape.ts';
import { csvLine } from '../../lib/words/record-csv.ts';
import type { GroupFormat } from '../records/groups/group-rows.ts';
import { textTable } from '../terminal/text-table.ts';

type Field = 'name' | 'cluster' | 'arn' | 'id' | 'first' | 'last';

/** What there is to say of each kind. */
const FIELDS: Readonly<Record<KnownKind, readonly Field[]>> = {
  actor: ['name', 'first', 'last', 'id', 'arn'],
  role: ['name', 'first', 'last', 'id', 'arn'],
  cluster: ['name', 'first', 'last'],
  namespace: ['name', 'cluster', 'first', 'last'],
};

/** The rows as a person or a program reads them; a table without rows is empty. */
export function knownText(kind: KnownKind, rows: readonly KnownRow[], format: GroupFormat): string {
  const fields = FIELDS[kind];
  const cells = rows.map((row) => fields.map((field) => row[field] ?? ''));
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (format === 'csv') return [fields, ...cells.map((row) => row.map(csvCell))].map(csvLine).join('');
  const titles = fields.map((field) => field.toUpperCase());
  return rows.length === 0
    ? ''
    : textTable(
        titles,
        rows.map((row) => fields.map((field) => shown(row, field))),
      );
}

/** The directory is exact to the day (docs/directory.md): what a person reads is no more exact. */
function shown(row: KnownRow, field: Field): string {
  const text = row[field] ?? '';
  return field === 'first' || field === 'last' ? text.slice(0, 'YYYY-MM-DD'.length) : text;
}
