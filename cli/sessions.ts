import { Command, Option } from 'commander';
import { isJsonObject, type JsonObject, listAt, objectAt, textAt, textsAt } from '../lib/json.ts';
import { LOCAL_API } from './records.ts';
import { type ServiceAccess, type ServiceOptions, serviceAccess } from './service-access.ts';
import { textTable } from './text-table.ts';

interface SessionsOptions extends ServiceOptions {
  readonly status?: string;
  readonly format: 'table' | 'jsonl';
}

export function sessionsCommand(): Command {
  return new Command('sessions')
    .summary('the sessions that are not attributed')
    .description(
      'One row for each claim that is not attributed: who it says it is, how often, when first and last, and why.',
    )
    .addOption(
      new Option('--status <status>', 'only these').choices(['unattributed', 'ambiguous', 'pending', 'partial']),
    )
    .addOption(new Option('--format <format>', 'how rows are written').choices(['table', 'jsonl']).default('table'))
    .option('--api <url>', `the service's address (default: ${LOCAL_API}, of npm start)`)
    .option('--table <name>', 'a deployed table, or their common prefix, instead of the API')
    .addHelpText(
      'after',
      `
Examples:
  eks-whois sessions --status unattributed
  eks-whois sessions --table eks-whois-prod --format jsonl

Exit status: 0 done; 1 it failed; 2 wrong usage.`,
    )
    .action((options: SessionsOptions) => sessionsAction(options));
}

async function sessionsAction(options: SessionsOptions): Promise<void> {
  const service = serviceAccess({ ...options, ...(options.table === undefined && { api: options.api ?? LOCAL_API }) });
  const rows = service === undefined ? [] : await sessionRows(service, options.status);
  const lines = options.format === 'jsonl' ? rows.map((row) => JSON.stringify(row)).join('\n') : tableOf(rows);
  process.stdout.write(lines === '' ? '' : `${lines.trimEnd()}\n`);
  process.stderr.write(`${rows.length} sessions\n`);
}

/** The rows of all pages. */
export async function sessionRows(service: ServiceAccess, status: string | undefined): Promise<readonly JsonObject[]> {
  const query = new URLSearchParams(status === undefined ? {} : { status });
  const rows: JsonObject[] = [];
  for (;;) {
    const page = await service.get('/sessions', query);
    const found = isJsonObject(page) ? (listAt(page, 'sessions') ?? []) : [];
    rows.push(...found.filter(isJsonObject));
    const cursor = isJsonObject(page) ? textAt(page, 'cursor') : undefined;
    if (cursor === undefined) return rows;
    query.set('cursor', cursor);
  }
}

function tableOf(rows: readonly JsonObject[]): string {
  const header = ['STATUS', 'SESSION', 'USERNAME', 'COUNT', 'FIRST', 'LAST', 'WHY', 'CLUSTERS'];
  return textTable(header, rows.map(cellsOf));
}

function cellsOf(row: JsonObject): string[] {
  const caller = objectAt(row, 'caller');
  const session = textAt(caller, 'sessionName') ?? textAt(caller, 'accessKeyId') ?? '';
  return [
    textAt(row, 'status') ?? '',
    session,
    textAt(caller, 'username') ?? '',
    typeof row.count === 'number' ? String(row.count) : '',
    textAt(row, 'first') ?? '',
    textAt(row, 'last') ?? '',
    (textsAt(row, 'reasons') ?? []).join(' '),
    (textsAt(row, 'clusters') ?? []).join(' '),
  ];
}
