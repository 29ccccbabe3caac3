import type { KnownKind } from '../../lib/claims/known.ts';
import type { KnownRow } from '../../lib/usecases/query/known-query.ts';
import { csvCell } from '../../lib/words/escape.ts';
import { csvLine } from '../../lib/words/record-csv.ts';
import { isStructured, structuredText } from '../format/structured.ts';
import type { View } from '../format/view.ts';
import type { GroupFormat } from '../records/groups/group-rows.ts';
import { type Column, fittedTable, losing } from '../terminal/fitted-table.ts';

type Field = 'name' | 'workload' | 'cluster' | 'arn' | 'id' | 'first' | 'last';

/** What there is to say of each kind. */
const FIELDS: Readonly<Record<KnownKind, readonly Field[]>> = {
  actor: ['name', 'first', 'last', 'id', 'arn', 'workload'],
  role: ['name', 'first', 'last', 'id', 'arn'],
  cluster: ['name', 'first', 'last'],
  namespace: ['name', 'cluster', 'first', 'last'],
};

/** The rows as a person or a program reads them; a table without rows is empty. */
export function knownText(kind: KnownKind, rows: readonly KnownRow[], format: GroupFormat, view: View): string {
  const fields = FIELDS[kind];
  const cells = rows.map((row) => fields.map((field) => row[field] ?? ''));
  if (isStructured(format)) return structuredText(format, rows);
  if (format === 'csv') return [fields, ...cells.map((row) => row.map(csvCell))].map(csvLine).join('');
  const columns = fields.filter((field) => field !== 'workload').map(columnOf);
  return fittedTable(losing(columns, ...LOST), rows, view);
}

/** In this order columns give way where the screen is narrow: an ARN says little beside the name and the id. */
const LOST = ['ARN', 'FIRST'] as const;
/** So much is left of a text where the screen is narrow; what tells things apart stands whole below its row then. */
const LEAST: Partial<Record<Field, number>> = { name: 16, cluster: 10, id: 21, arn: 20 };

function columnOf(field: Field): Column<KnownRow> {
  const least = LEAST[field];
  const column = { title: field.toUpperCase(), of: (row: KnownRow) => shown(row, field) };
  return least === undefined ? column : { ...column, least, isId: field !== 'arn' };
}

/** Audit events of files and log groups that say nothing of their cluster. */
const NAMELESS = '(none named)';

/** The directory is exact to the day (docs/directory.md): what a person reads is no more exact. */
function shown(row: KnownRow, field: Field): string {
  const text = row[field] ?? '';
  if (field === 'name' && row.workload !== undefined) return `${text} (${row.workload})`;
  if (field === 'first' || field === 'last') return text.slice(0, 'YYYY-MM-DD'.length);
  const isOfCluster = field === 'cluster' || (field === 'name' && row.kind === 'cluster');
  return isOfCluster && text === '' ? NAMELESS : text;
}
