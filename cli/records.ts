import { Command, InvalidArgumentError, Option } from 'commander';
import type { AuditRecord } from '../lib/attribution/record.ts';
import { isJsonObject, listAt, textAt } from '../lib/json.ts';
import { epochMillis, formatInstant, HOUR, MINUTE, parseInstant } from '../lib/time.ts';
import { wrongUsage } from './failure.ts';
import { RECORD_FORMATS, type RecordFormatName, recordFormat } from './format/record-format.ts';
import { type ServiceAccess, type ServiceOptions, serviceAccess } from './service-access.ts';
import { outputTo } from './text-output.ts';

interface RecordsOptions extends ServiceOptions {
  readonly actor?: string;
  readonly session?: string;
  readonly cluster?: string;
  readonly namespace?: string;
  readonly auditId?: string;
  readonly status?: string;
  readonly object?: string;
  readonly since?: number;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly format: RecordFormatName;
  readonly output?: string;
}

/** The API of `npm start`. */
export const LOCAL_API = 'http://127.0.0.1:3000';
const PAGE = 200;

export function recordsCommand(): Command {
  return new Command('records')
    .summary('query the records of the deployed or local service')
    .description('Who did what: records by actor, session, cluster and namespace, audit id or status, newest first.')
    .option('--actor <actor>', 'name, ARN, e-mail or principal id, exact')
    .option('--session <session>', 'AROA…:<session name>, or an access key id')
    .option('--cluster <name>', 'with --namespace')
    .option('--namespace <name>', 'with --cluster')
    .option('--object <name>', 'only requests for this object, with --namespace')
    .option('--audit-id <id>', 'the audit event')
    .option('--status <status>', 'unattributed, ambiguous, pending or partial')
    .option('--since <duration>', 'as far back: 30m, 2h, 7d', durationOf)
    .option('--from <time>', 'from this time on (RFC 3339)', instantText)
    .option('--to <time>', 'up to this time (RFC 3339)', instantText)
    .option('--limit <number>', 'at most so many records (default: all)', wholeOf)
    .addOption(new Option('--format <format>', 'how records are written').choices(RECORD_FORMATS).default('table'))
    .option('--output <file>', 'write the records here instead of to standard output')
    .option('--api <url>', `the service's address (default: ${LOCAL_API}, of npm start)`)
    .option('--table <name>', 'a deployed table, or their common prefix, instead of the API')
    .addHelpText(
      'after',
      `
Examples:
  eks-whois records --actor alice --since 24h --api https://abc.execute-api.eu-west-1.amazonaws.com
  eks-whois records --cluster prod --namespace payments --object feature-flags --table eks-whois-prod
  eks-whois records --status unattributed --format csv > unnamed.csv

An API with a JWT authorizer takes the token from EKS_WHOIS_TOKEN; otherwise requests are signed with SigV4.
Exit status: 0 done; 1 it failed; 2 wrong usage.`,
    )
    .action((options: RecordsOptions) => recordsAction(options));
}

async function recordsAction(options: RecordsOptions): Promise<void> {
  const query = queryOf(options);
  const service = serviceAccess({ ...options, ...(options.table === undefined && { api: options.api ?? LOCAL_API }) });
  if (service === undefined) throw wrongUsage('Give --api or --table.');
  const output = outputTo(options.output);
  const format = recordFormat(options.format);
  const most = options.limit ?? Number.POSITIVE_INFINITY;
  let written = 0;
  for await (const record of allRecords(service, query)) {
    if (options.object !== undefined && record.request?.name !== options.object) continue;
    output.write(format.record(record));
    written += 1;
    await output.drain();
    if (written >= most || output.closedByReader) break;
  }
  output.write(format.end());
  await output.end();
  process.stderr.write(`${written} records\n`);
}

/** Page after page, as they are needed. */
async function* allRecords(service: ServiceAccess, query: URLSearchParams): AsyncGenerator<AuditRecord> {
  for (;;) {
    const page = await service.get('/records', query);
    const records = isJsonObject(page) ? (listAt(page, 'records') ?? []) : [];
    for (const record of records) yield record as AuditRecord; // the service's own records (CONTRACT, version 1)
    const cursor = isJsonObject(page) ? textAt(page, 'cursor') : undefined;
    if (cursor === undefined) return;
    query.set('cursor', cursor);
  }
}

function queryOf(options: RecordsOptions): URLSearchParams {
  const { actor, session, cluster, namespace, auditId, status, since, to } = options;
  const query = new URLSearchParams();
  const from = since === undefined ? options.from : formatInstant(epochMillis(Date.now() - since));
  if (since !== undefined && options.from !== undefined) throw wrongUsage('Give --since or --from, not both.');
  const asked = { actor, session, cluster, namespace, auditId, status };
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, value);
  if (query.size === 0)
    throw wrongUsage('Ask by --actor, --session, --cluster with --namespace, --audit-id or --status.');
  if (from !== undefined) query.set('from', from);
  if (to !== undefined) query.set('to', to);
  query.set('limit', String(Math.min(PAGE, options.limit ?? PAGE)));
  return query;
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: 24 * HOUR };

function durationOf(text: string): number {
  const [, number, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (!(milliseconds > 0)) throw new InvalidArgumentError('Give a time like 30m, 2h or 7d.');
  return milliseconds;
}

function instantText(text: string): string {
  const at = parseInstant(text);
  if (at === undefined) throw new InvalidArgumentError('Give a time like 2026-03-10T14:03:00Z.');
  return formatInstant(at);
}

function wholeOf(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Give a whole number of 1 or more.');
  return Number(text);
}
