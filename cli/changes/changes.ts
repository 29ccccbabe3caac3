import { Command, Option } from 'commander';
import { readGrants } from '../../lib/adapters/files/file-grants.ts';
import { pathSource } from '../../lib/adapters/s3/path-source.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { changeText } from '../../lib/cloudtrail/cluster-change.ts';
import { clusterLabels, clusterText } from '../../lib/identity/cluster.ts';
import { present } from '../../lib/json.ts';
import { epochMillis } from '../../lib/time.ts';
import { idsOfHolders } from '../../lib/usecases/attribute/name-holders.ts';
import {
  type ChangeRow,
  changedBy,
  isByActors,
  isOfClusters,
  type KnownChanges,
  ONLY_DELIVERED,
} from '../../lib/usecases/changes/changes.ts';
import { changesOfFiles, TrailCoverage } from '../../lib/usecases/changes/file-changes.ts';
import { cursorPages } from '../../lib/usecases/query/pages.ts';
import { withIds } from '../../lib/usecases/query/people.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { checkSignIn } from '../access/aws-profiles.ts';
import { type ServiceOptions, serviceOrLocal } from '../access/service-access.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note, reportFaults } from '../failures/faults.ts';
import { fieldsNamed, fieldsText, type Field as ListField } from '../format/fields.ts';
import { briefTime, shownTime } from '../format/shown-time.ts';
import { isStructured, structuredText } from '../format/structured.ts';
import { type CommandHelp, GROUPS, withHelp } from '../help/command-help.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { countedGroupsOf, logGroupOption } from '../options/log-groups.ts';
import { type OutputOptions, withOutput } from '../options/output-options.ts';
import { withConfig } from '../options/parameter-file.ts';
import { checkPaths } from '../options/paths.ts';
import { type QuestionOptions, questionFrom, questionText } from '../options/question-options.ts';
import { type RuleOptions, ruleSettings, withRules } from '../options/rule-options.ts';
import { requestPayerOption, type S3Options, s3AccessOf, s3Reading } from '../options/s3-options.ts';
import { SERVICE_TOPIC, wholeOf, withService } from '../options/service-options.ts';
import {
  checkFields,
  cutText,
  type LimitOptions,
  listFieldsTopic,
  shownRows,
  withOrder,
} from '../options/shown-options.ts';
import { type RangeOptions, rangeOf, rangeText, withRange } from '../options/time-range.ts';
import { TIME_TOPIC } from '../options/times.ts';
import { type VerboseOptions, verboseOption } from '../options/verbose-option.ts';
import { viewOf } from '../options/view-options.ts';
import { GROUP_FORMATS, type GroupFormat } from '../records/groups/record-groups.ts';
import { type Column, fittedTable, losing } from '../terminal/fitted-table.ts';
import { printed } from '../terminal/text-output.ts';
import { counted } from '../terminal/text-table.ts';
import { reportGrants } from '../whois/files.ts';

interface ChangesOptions
  extends ServiceOptions,
    VerboseOptions,
    RuleOptions,
    RangeOptions,
    OutputOptions<GroupFormat>,
    LimitOptions {
  readonly cluster?: readonly string[];
  readonly actor?: readonly string[];
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
  readonly logGroup: readonly string[];
  readonly requestPayer?: boolean;
}

type Field = 'time' | 'cluster' | 'eventName' | 'what' | 'by' | 'accessKeyId' | 'ip' | 'userAgent' | 'eventId';

const FIELDS: readonly Field[] = [
  'time',
  'cluster',
  'eventName',
  'what',
  'by',
  'accessKeyId',
  'ip',
  'userAgent',
  'eventId',
];

/** Defines `eks-whois changes`. */
export function changesCommand(): Command {
  const command = refuseEmptyValues(new Command('changes'))
    .summary('who changed the access to clusters, or their logging, through the EKS API')
    .description(
      'Lists the changes of clusters through the EKS API: access entries, access policies, logs, endpoints, identity providers and ' +
        'Pod Identity associations. The audit log does not contain these changes, but CloudTrail does. Each row shows who made the ' +
        'change, and the CloudTrail event that is the evidence.',
    )
    .optionsGroup(GROUPS.filters)
    .option('--cluster <name...>', "only changes of this cluster: its name, its ARN, or 'prod-*'")
    .option('--actor <actor...>', 'only changes by this actor: ID, or exact name, email, ARN or principal ID');
  withRange(command)
    .optionsGroup(GROUPS.input)
    .option('--cloudtrail <path...>', 'read CloudTrail records from files instead of querying a service')
    .addOption(new Option('--audit <path...>', 'has no effect: audit logs have no such changes').hideHelp());
  withConfig(withRules(command).addOption(logGroupOption()).addOption(requestPayerOption()).addOption(verboseOption()));
  withOrder(command)
    .optionsGroup(GROUPS.output)
    .option('--limit <number>', 'at most this many changes, the newest (default: all)', wholeOf);
  withOutput(command, { says: 'how to write the list', formats: GROUP_FORMATS, unless: 'table' });
  withService<ChangesOptions>(command, ({ cloudtrail }) => cloudtrail !== undefined);
  return withHelp(command, HELP).action((options: ChangesOptions) => reportFaults(() => changesAction(options)));
}

const HELP: CommandHelp = {
  common: [
    '--cluster',
    '--actor',
    '--since',
    '--from',
    '--to',
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
Without a time, a service lists the last 90 days, and at most 366 days. Files are read completely. BY is who made the call, attributed
by the same rules as a request to the cluster: by the access key that signed it, or because CloudTrail names the IAM user. A ? stands
before a caller who is unidentified. A call that failed changed nothing, and says why.

A service knows the calls that CloudTrail delivered to it. If nothing is listed, a message says what cannot be known.`,
    },
    listFieldsTopic(FIELDS),
    TIME_TOPIC,
    SERVICE_TOPIC,
  ],
  examples: [
    { asks: 'Who changed access to the cluster this week?', command: 'eks-whois changes --cluster prod --since 7d' },
    { asks: 'What did Alice change?', command: 'eks-whois changes --actor alice --table eks-whois-prod' },
    { asks: 'The same from files, as JSON:', command: 'eks-whois changes --actor alice --cloudtrail AWSLogs/ -o json' },
  ],
  exitStatus: '0 done; 1 failed; 2 wrong usage.',
};

/** The largest page that the API accepts. */
const PAGE = 1_000;

async function changesAction(options: ChangesOptions): Promise<void> {
  const { cluster, actor, since, from, to, cloudtrail, api, table } = options;
  if (cloudtrail !== undefined && (api ?? table) !== undefined)
    throw wrongUsage('Give --cloudtrail, or one of --api and --table, not both.');
  if (cloudtrail === undefined && options.audit !== undefined)
    throw wrongUsage('Audit logs have no changes through the EKS API. Add --cloudtrail PATH.');
  const question = questionFrom(present<QuestionOptions>({ cluster, actor, since, from, to }));
  checkFields(options, LIST_FIELDS);
  await checkSignIn(options);
  const found = cloudtrail === undefined ? await askService(question, options) : await readFiles(question, options);
  const rows = shownRows(found.changes, options, LIST_FIELDS);
  await printed(changesText(rows, options), options.outputFile);
  const where = `${questionText(question)}, ${rangeText(rangeOf(options))}`;
  process.stderr.write(`${counted(rows.length, 'change')} ${where}${cutText(rows, found.changes)}\n`);
  if (found.note !== undefined) note(found.note);
}

async function askService(question: RecordsQuestion, options: ChangesOptions): Promise<KnownChanges> {
  const limit = options.sort === undefined ? (options.limit ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const service = serviceOrLocal(options);
  const changes: ChangeRow[] = [];
  let note: string | undefined;
  for await (const page of cursorPages((cursor) => service.changes({ question, limit: PAGE, cursor }))) {
    changes.push(...page.changes);
    note ??= page.note;
    if (changes.length > limit) break;
  }
  if (changes.length === 0) note ??= ONLY_DELIVERED;
  return { changes, note };
}

async function readFiles(question: RecordsQuestion, options: ChangesOptions): Promise<KnownChanges> {
  const { cloudtrail = [], profile, region, requestPayer } = options;
  const s3: S3Options = { profile, region: region === undefined ? undefined : [region], requestPayer };
  await checkPaths(cloudtrail, s3AccessOf(s3));
  const coverage = new TrailCoverage();
  const reading = s3Reading(s3, 'cloudtrail', question.range, epochMillis(Date.now()));
  const source = coverage.of(pathSource(cloudtrail, countedGroupsOf(options.logGroup), reading));
  const known = new KnownGrants();
  reportGrants(await readGrants(source, known, undefined), options);
  const filter = withIds(question.filter, (name) => idsOfHolders(name, question.range, known));
  const trail = { known, settings: ruleSettings(options) };
  const { changes, note: missing } = await changesOfFiles(question.range, coverage, trail, (change) =>
    isOfClusters(change, filter),
  );
  return { changes: changes.filter((change) => isByActors(change, filter)), note: missing };
}

const OF: Readonly<Record<Field, (row: ChangeRow) => string>> = {
  time: ({ time }) => time,
  cluster: clusterText,
  eventName: ({ eventName }) => eventName,
  what: changeText,
  by: changedBy,
  accessKeyId: ({ caller }) => caller.accessKeyId ?? '',
  ip: ({ ip = '' }) => ip,
  userAgent: ({ userAgent = '' }) => userAgent,
  eventId: ({ eventId = '' }) => eventId,
};

/** The fields as `--fields`, `--json` and `--sort` name them. */
const LIST_FIELDS: readonly ListField<ChangeRow>[] = FIELDS.map((name) => ({ name, text: OF[name] }));

/** Returns the rows in the format. A table without rows is empty. */
function changesText(rows: readonly ChangeRow[], options: ChangesOptions): string {
  const { format, fields } = options;
  const view = viewOf(options);
  if (fields !== undefined) return fieldsText(rows, fieldsNamed(fields, LIST_FIELDS), format, view);
  if (isStructured(format)) return structuredText(format, rows);
  if (format === 'csv') return fieldsText(rows, LIST_FIELDS, format, view);
  const labels = clusterLabels(rows.map(clusterText));
  const columns: readonly Column<ChangeRow>[] = [
    { title: 'TIME', of: ({ time }) => shownTime(time, view.clock), brief: ({ time }) => briefTime(time, view.clock) },
    { title: 'CLUSTER', of: (row) => labels.get(clusterText(row)) ?? '', least: 10 },
    { title: 'CALL', of: OF.eventName },
    { title: 'WHAT', of: OF.what, least: 24, isId: true },
    { title: 'BY', of: OF.by, least: 12, isId: true },
    { title: 'KEY', of: OF.accessKeyId },
    { title: 'SOURCE IP', of: OF.ip },
    { title: 'EVENT', of: OF.eventId },
  ];
  return fittedTable(losing(columns, ...LOST), rows, view);
}

/** The columns to leave out if the screen is narrow, in this order. What was changed, and by whom, stays. */
const LOST = ['KEY', 'EVENT', 'SOURCE IP'] as const;
