import { Argument, Command } from 'commander';
import { clusterOfKnown, type KnownKind } from '../../lib/claims/known.ts';
import { clusterLabels, clusterText, NAMELESS } from '../../lib/identity/cluster.ts';
import { type EpochMillis, formatInstant } from '../../lib/time.ts';
import { type KnownRow, newInRange } from '../../lib/usecases/query/known-row.ts';
import { cursorPages } from '../../lib/usecases/query/pages.ts';
import { hasWildcard, wildcardMatcher } from '../../lib/wildcard.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { checkSignIn } from '../access/aws-profiles.ts';
import { type RecordsAccess, type RecordsPlace, recordsAccess } from '../access/files-access.ts';
import { fieldsNamed, fieldsText, type Field as ListField } from '../format/fields.ts';
import { isStructured, structuredText } from '../format/structured.ts';
import { type CommandHelp, GROUPS, withHelp } from '../help/command-help.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { asksFiles, FILES_TOPIC, withFiles } from '../options/files-options.ts';
import { type OutputOptions, withOutput } from '../options/output-options.ts';
import { SERVICE_TOPIC, wholeOf, withService } from '../options/service-options.ts';
import {
  checkFields,
  cutText,
  type LimitOptions,
  listFieldsTopic,
  shownRows,
  withOrder,
} from '../options/shown-options.ts';
import { instantOption, TIME_TOPIC, withTimes } from '../options/times.ts';
import { viewOf } from '../options/view-options.ts';
import { GROUP_FORMATS, type GroupFormat } from '../records/groups/record-groups.ts';
import { type Column, fittedTable, losing } from '../terminal/fitted-table.ts';
import { printed } from '../terminal/text-output.ts';
import { counted } from '../terminal/text-table.ts';

interface KnownOptions extends RecordsPlace, OutputOptions<GroupFormat>, LimitOptions {
  readonly firstSeenSince?: EpochMillis;
}

/** The kinds by the words that people type. */
const KINDS = {
  actors: 'actor',
  roles: 'role',
  clusters: 'cluster',
  namespaces: 'namespace',
} as const satisfies Record<string, KnownKind>;
type Kinds = keyof typeof KINDS;

/** Defines `eks-whois known`. */
export function knownCommand(): Command {
  const command = refuseEmptyValues(new Command('known'))
    .summary('the actors, roles, clusters and namespaces in the records')
    .description(
      'Lists the actors, roles, clusters or namespaces in the stored records, and when each was first and last seen. Use it to ' +
        'look up a name before you search for it, or to see who is new.',
    )
    .addArgument(new Argument('<kind>', 'what to list').choices(Object.keys(KINDS)))
    .argument('[prefix]', "only names that begin with this, or match it: 'pay*'")
    .addOption(
      instantOption(
        '--first-seen-since <time>',
        'only what was first seen at this time or later: 7d, 2026-03-10',
        'start',
      ),
    );
  withOrder(withTimes(withFiles(command)))
    .optionsGroup(GROUPS.output)
    .option('--limit <number>', 'at most this many names (default: all)', wholeOf);
  withOutput(command, { says: 'how to write the list', formats: GROUP_FORMATS, unless: 'table' });
  withService<KnownOptions>(command, asksFiles);
  return withHelp(command, HELP).action((kind: Kinds, prefix: string | undefined, options: KnownOptions) =>
    knownAction(kind, prefix, options),
  );
}

const HELP: CommandHelp = {
  common: [
    '--first-seen-since',
    '--audit',
    '--cloudtrail',
    '--output',
    '--output-file',
    '--api',
    '--table',
    '--service',
    '--profile',
    '--region',
  ],
  topics: [
    {
      heading: 'What is listed:',
      text: `
FIRST and LAST are days in UTC. Other formats show a time on that day, but only the day is exact.
The list covers what was stored since the service began to keep a directory. A name is dropped if nothing was stored for it
for twice as long as records are kept (docs/directory.md). Ambiguous records count for nobody. Namespaces are as clients wrote them, even if there is no such
namespace. A - stands for cluster-wide requests.

At a terminal the table fits the screen. -o wide shows all columns in full.`,
    },
    listFieldsTopic(['name', 'cluster', 'accountId', 'first', 'last', 'id', 'arn', '…']),
    FILES_TOPIC,
    TIME_TOPIC,
    SERVICE_TOPIC,
  ],
  examples: [
    { asks: 'Which clusters have records?', command: 'eks-whois known clusters' },
    { asks: 'Who acts in these files?', command: 'eks-whois known actors --audit audit/ --cloudtrail AWSLogs/' },
    { asks: 'Who is new this week?', command: 'eks-whois known actors --first-seen-since 7d' },
    {
      asks: 'Which namespaces begin with "pay"?',
      command: 'eks-whois known namespaces pay --table eks-whois-prod',
    },
    {
      asks: 'Which roles are used? For a spreadsheet.',
      command: 'eks-whois known roles -o csv --output-file roles.csv',
    },
  ],
  exitStatus: '0 done; 1 failed; 2 wrong usage.',
};

/** The maximum number of rows of one page. */
const PAGE = 1_000;

async function knownAction(kinds: Kinds, prefix: string | undefined, options: KnownOptions): Promise<void> {
  await checkSignIn(options);
  const { firstSeenSince: since } = options;
  const known = fieldsOfKind(KINDS[kinds]);
  checkFields(options, known);
  const found = await knownRows(await recordsAccess(options), KINDS[kinds], prefix, since);
  const rows = shownRows(found, options, known);
  await printed(knownText(KINDS[kinds], rows, options), options.outputFile);
  const verb = prefix !== undefined && hasWildcard(prefix) ? 'match' : 'begin with';
  const names = prefix === undefined ? '' : ` that ${verb} ${escapeForTerminal(prefix)}`;
  const times = since === undefined ? '' : ` first seen since ${formatInstant(since)}`;
  process.stderr.write(`${counted(rows.length, KINDS[kinds])}${names}${times}${cutText(rows, found)}\n`);
}

/** Returns the matching rows of all pages. Most rows of a page may not match. */
async function knownRows(
  service: RecordsAccess,
  kind: KnownKind,
  prefix: string | undefined,
  since: EpochMillis | undefined,
): Promise<readonly KnownRow[]> {
  const rows: KnownRow[] = [];
  const [head] = (prefix ?? '').split(/[*?]/);
  const isMatch = prefix !== undefined && hasWildcard(prefix) ? wildcardMatcher(prefix) : () => true;
  const isNamed = (row: KnownRow) => [row.name, ...(row.names ?? []).map(({ name }) => name)].some(isMatch);
  for await (const { known } of cursorPages((cursor) => service.known({ kind, prefix: head, cursor, limit: PAGE })))
    rows.push(
      ...known.filter(isNamed).flatMap((row) => (since === undefined ? row : newInRange([row], { from: since }))),
    );
  return rows;
}

type Field = 'name' | 'cluster' | 'clusterArn' | 'accountId' | 'arn' | 'id' | 'otherNames' | 'first' | 'last';

/** The fields to show of each kind. */
const FIELDS: Readonly<Record<KnownKind, readonly Field[]>> = {
  actor: ['name', 'accountId', 'first', 'last', 'id', 'otherNames', 'arn'],
  role: ['name', 'first', 'last', 'id', 'arn'],
  cluster: ['name', 'first', 'last', 'arn'],
  namespace: ['name', 'cluster', 'first', 'last', 'clusterArn'],
};

/** Returns the fields of a kind, as in CSV. */
function fieldsOfKind(kind: KnownKind): readonly ListField<KnownRow>[] {
  return FIELDS[kind].map((name) => ({
    name,
    text: (row) => textOf(row, name),
    ...(name === 'otherNames' && { value: otherNames }),
  }));
}

function otherNames({ name, names = [] }: KnownRow): readonly string[] {
  return names.flatMap((other) => (other.name === name ? [] : other.name));
}

/** The column of the clusters' ARNs. A table has it if one is known. */
const ARNS_OF_CLUSTERS: Partial<Record<KnownKind, Field>> = { cluster: 'arn', namespace: 'clusterArn' };

/** Returns the rows in the format. A table without rows is empty. */
function knownText(kind: KnownKind, rows: readonly KnownRow[], options: KnownOptions): string {
  const { format } = options;
  const view = viewOf(options);
  if (options.fields !== undefined)
    return fieldsText(rows, fieldsNamed(options.fields, fieldsOfKind(kind)), format, view);
  const fields = FIELDS[kind];
  if (isStructured(format)) return structuredText(format, rows);
  if (format === 'csv') return fieldsText(rows, fieldsOfKind(kind), format, view);
  const labels = clusterLabels(rows.flatMap((row) => clusterTextIn(row) ?? []));
  const isEmpty = (field: Field) => ARNS_OF_CLUSTERS[kind] === field && rows.every((row) => textOf(row, field) === '');
  const columns = fields.filter((field) => !isEmpty(field)).map((field) => columnOf(field, labels));
  return fittedTable(losing(columns, ...LOST), rows, view);
}

const TITLES: Partial<Record<Field, string>> = {
  accountId: 'ACCOUNT',
  otherNames: 'OTHER NAMES',
  clusterArn: 'CLUSTER ARN',
};
/** The columns to leave out if the screen is narrow, in this order. An ARN adds little to the name and the ID. */
const LOST = ['ARN', 'CLUSTER ARN', 'OTHER NAMES', 'FIRST'] as const;
/**
 * The minimum width of each text if the screen is narrow. If a text that identifies a row is shortened, the line below
 * the row has all of it.
 */
const LEAST: Partial<Record<Field, number>> = { name: 16, cluster: 10, id: 21, arn: 20 };

/** Returns the cluster of a cluster's or namespace's row, by its ARN or name. */
function clusterTextIn(row: KnownRow): string | undefined {
  const { kind } = row;
  return kind === 'cluster' || kind === 'namespace' ? clusterText(clusterOfKnown(row)) : undefined;
}

type Labels = ReadonlyMap<string, string>;

function columnOf(field: Field, labels: Labels): Column<KnownRow> {
  const least = LEAST[field];
  const column = { title: TITLES[field] ?? field.toUpperCase(), of: (row: KnownRow) => shown(row, field, labels) };
  return least === undefined ? column : { ...column, least, isId: field !== 'arn' && field !== 'clusterArn' };
}

function textOf(row: KnownRow, field: Field): string {
  return field === 'otherNames' ? otherNames(row).join(' ') : (row[field] ?? '');
}

/** Returns the field as shown. Times are days, because the directory is exact to the day (docs/directory.md). */
function shown(row: KnownRow, field: Field, labels: Labels): string {
  const text = textOf(row, field);
  if (field === 'first' || field === 'last') return text.slice(0, 'YYYY-MM-DD'.length);
  const isOfCluster = field === 'cluster' || (field === 'name' && row.kind === 'cluster');
  if (!isOfCluster) return text;
  return text === '' ? NAMELESS : (labels.get(clusterTextIn(row) ?? '') ?? text);
}
