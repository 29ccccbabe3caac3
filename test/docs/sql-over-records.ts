import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isJsonObject } from '../../lib/json.ts';
import { REPOSITORY } from '../builders/command.ts';
import { columnsOf, VIEW } from './athena-view.ts';

/** The Node.js of the development dependencies: that of the machine may be too old for SQLite. */
const NODE = join(REPOSITORY, 'node_modules/node/bin/node');
const SQLITE = join(REPOSITORY, 'test/docs/sqlite.mjs');

export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * Returns the answer of each statement over `eks_whois_records`, the view of docs/athena.md, with these records. It runs in
 * SQLite, which has no TIMESTAMP literals and no arrays.
 */
export function answersOfSql(
  records: readonly AuditRecord[],
  statements: readonly string[],
): readonly (readonly SqlRow[])[] {
  const columns = [...columnsOf(VIEW)].flatMap(([name, path]): [string, string][] => {
    if (path === '$.Item.actorKey.S') return [[name, '$.Item.record.M.attribution.M.actor.M.id.S']]; // records get their ID when they are read
    return path.startsWith('$.Item.record.M.') ? [[name, path]] : [];
  });
  const rows = records.map((record) => columns.map(([name, path]) => cellOf(name, at(record, path))));
  const input = JSON.stringify({
    columns: columns.map(([name]) => name),
    rows,
    statements: statements.map((sql) => sql.replace(/\bTIMESTAMP (?=')/g, '')),
  });
  const { status, stdout, stderr } = spawnSync(NODE, ['--no-warnings', SQLITE], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`SQLite ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as SqlRow[][];
}

/** `$.Item.record.M.request.M.verb.S`: names at every other place, DynamoDB's types between them. */
function at(record: AuditRecord, path: string): unknown {
  const names = path
    .replace('$.Item.record.M.', '')
    .split('.')
    .filter((_, place) => place % 2 === 0);
  let value: unknown = record;
  for (const name of names) value = isJsonObject(value) ? value[name] : undefined;
  return value;
}

function cellOf(column: string, value: unknown): string | number | null {
  if (value === undefined) return null;
  if (column === 'happened') return String(value).replace('T', ' ').replace('Z', '');
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}
