import { Command, InvalidArgumentError, Option } from 'commander';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isSessionNameAlone } from '../../lib/claims/identity.ts';
import { epochMillis, SECOND } from '../../lib/time.ts';
import { FIELD_NAMES } from '../../lib/usecases/query/filter.ts';
import { PAGE, pagesOf } from '../../lib/usecases/query/pages.ts';
import { negatedName, questionOf } from '../../lib/usecases/query/question.ts';
import { checkSignIn } from '../access/aws-profiles.ts';
import { defaultCluster } from '../access/configuration.ts';
import { type RecordsAccess, recordsAccess } from '../access/files-access.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { RECORD_FIELDS } from '../format/fields.ts';
import { formatsTopic, RECORD_FORMATS } from '../format/formats.ts';
import { type CommandHelp, GROUPS, withHelp } from '../help/command-help.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { asksFiles, FILES_TOPIC, withFiles } from '../options/files-options.ts';
import { optionOf } from '../options/option-name.ts';
import { withOutput } from '../options/output-options.ts';
import {
  candidatesOption,
  FILTER_HINT,
  FILTER_TOPIC,
  firstSeenOption,
  withQuestion,
} from '../options/question-options.ts';
import { SERVICE_TOPIC, wholeOf, withService } from '../options/service-options.ts';
import { checkFields, FIELDS_TOPIC, withOrder } from '../options/shown-options.ts';
import { instantRangeOf, withRange } from '../options/time-range.ts';
import { instantOption, TIME_TOPIC } from '../options/times.ts';
import { SYSTEM_TOPIC, VIEW_TOPIC, withView } from '../options/view-options.ts';
import { compareAction, comparedRanges, DIFFERENCE_FIELDS, rangeOfBoth } from './compare.ts';
import { ACTOR_FIELDS } from './groups/record-groups.ts';
import { type RecordsOptions, recordsQuestion } from './options.ts';
import { checkSame, type SamePlace, withSame, withSameness } from './same.ts';

/** Defines `eks-whois records`. */
export function recordsCommand(): Command {
  const command = refuseEmptyValues(new Command('records'))
    .summary('who did what: search the recorded requests of a service or of files')
    .description(
      'Shows who did what, newest first: the recorded requests of a service, or those in files (--audit, --cloudtrail). Give a ' +
        'time range or any filters.',
    )
    // This hook runs before that of withRange, which notes how times were read. So wrong usage is reported alone.
    .hook('preAction', () => checkUsage(command.opts<RecordsOptions>()));
  withQuestion(command).addOption(
    new Option(
      '-A, --all-clusters',
      'all clusters, even if EKS_WHOIS_CLUSTER or the configuration names a default',
    ).helpGroup(GROUPS.filters),
  );
  withSameness(command).addOption(candidatesOption()).addOption(firstSeenOption());
  withRange(command)
    .optionsGroup(GROUPS.output)
    .option('--summary', 'count the requests of each actor')
    .addOption(
      instantOption(
        '--compare <time>',
        'with --summary: compare with the time range of the same length that begins at this time. Shows which actors, actions, source IPs and user agents are new, are gone, or have more or fewer requests',
        'start',
      ).helpGroup(GROUPS.output),
    )
    .option('-w, --follow', 'keep printing new and corrected records until Ctrl-C')
    .addOption(new FollowOption())
    .addOption(
      new Option('--interval <seconds>', 'with --follow: seconds between queries')
        .argParser(secondsOf)
        .default(5_000, '5'),
    )
    .option('--limit <number>', 'at most this many records (default: all)', wholeOf)
    .option('--max-pages <number>', 'read at most this many pages, and report that there may be more', wholeOf);
  withOutput(command, { says: 'how to write the records', formats: RECORD_FORMATS, unless: 'table' });
  withView(withOrder(withFiles(command)));
  return withHelp(withDefaultCluster(withService<RecordsOptions>(command, asksFiles)), HELP).action(
    (options: RecordsOptions) => recordsAction(options),
  );
}

const HELP: CommandHelp = {
  common: [
    '--actor',
    '--cluster',
    '--namespace',
    '--resource',
    '--verb',
    '--ip',
    '--status',
    '--no-system',
    '--since',
    '--from',
    '--to',
    '--summary',
    '--follow',
    '--limit',
    '--audit',
    '--cloudtrail',
    '--api',
    '--table',
    '--service',
    '--output',
  ],
  hint: FILTER_HINT,
  topics: [
    FILTER_TOPIC,
    {
      heading: 'Columns:',
      text: `
WHO is the person or workload behind the request, or ? if the actor is unidentified. METHOD/REASON is the method by which the actor
was found, or the reason why not. FLAGS are warnings. If there is little room, NOTE replaces these two columns, and the lines below the table
explain it. docs/record.md lists all of them. SOURCE IP is shown if the terminal is at least 120 columns wide. For one request in full, give its AUDIT ID to
eks-whois whois --audit-id, or to records --audit-id with -o yaml.

In a table, a request is one row, and --summary counts it once. A watch or an exec has a record for each stage. The other
formats write each of these records. --limit counts rows, without the line about the cluster itself and AWS. It reports if there
are more.`,
    },
    {
      heading: 'Order and cost:',
      text: `
Records come newest first. With --status, they come session by session. An audit ID, a session, a key, an actor, a status or a role is found
directly. With only a cluster or a time range, every namespace is read, newest first, and the other filters select from these
records. --since and --max-pages limit how much is read. Searching by username needs one more filter: one of the above, a cluster, a
namespace or a time range. If there are more than a few hundred namespaces, or 100 actors for --first-seen-since, records come
in groups, newest first in each, and standard error says so. Events without a readable time are found only without a time
range. A time range without --to ends now. If there are later records, standard error says so.

If an actor is a candidate in more requests, standard error says how many. --candidates shows them. If there are no records, a message
says which values are unknown, and lists similar ones.

--summary shows how many requests there are, where, with which verbs, and when the first and last were. It reads all pages, and
reports if --limit or --max-pages cut them. --compare reads two time ranges of the same length, and lists what differs. What is new
or gone comes first. With --compare, an unidentified caller is a role, a session name and a source IP, because each session has another access key. In a summary,
a row is an actor, or a session if the actor is unidentified. With --actor, it also counts the sessions in which the actor is one of several candidates.`,
    },
    {
      heading: 'Following:',
      text: `
--follow begins ten minutes back, or at --since or --from. Audit events and CloudTrail records come minutes late. So each query
also covers the last two minutes, and once a minute the last 45 minutes. Records that come later are not shown. A record is
shown once. If its answer changes, it is shown again, but not if the answer only became final. The earlier answer is then shown
too: in the line below it, in the field or column named corrected, or in OCSF's unmapped. Network errors are reported once and
then retried. Columns of a table are not aligned. --output-file grows as records come.`,
    },
    formatsTopic(RECORD_FORMATS),
    VIEW_TOPIC,
    SYSTEM_TOPIC,
    FIELDS_TOPIC,
    FILES_TOPIC,
    TIME_TOPIC,
    SERVICE_TOPIC,
    {
      heading: 'Default cluster and sign-in:',
      text: `
Without --cluster, EKS_WHOIS_CLUSTER or the configuration's cluster counts, and standard error says so. It does not count with
-A or --audit-id.

--table needs the stack's managed policy for analysts (dynamodb:Query, GetItem, BatchGetItem). An API with a JWT authorizer
takes the token from EKS_WHOIS_TOKEN. Requests to other APIs are signed with SigV4.`,
    },
  ],
  examples: [
    {
      asks: 'What did Alice do in production since yesterday?',
      command: 'eks-whois records --actor alice --cluster prod --since 24h',
    },
    {
      asks: 'What was denied, in files?',
      command: 'eks-whois records --code 403 --audit audit/ --cloudtrail AWSLogs/',
    },
    {
      asks: 'What is different from the day before?',
      command: 'eks-whois records --cluster prod --since 24h --summary --compare 48h',
    },
    {
      asks: 'Who deleted this pod?',
      command: "eks-whois records -n orders --resource pods --object 'api-*' --verb delete",
    },
    {
      asks: 'Who read secrets or opened a shell in the last two hours?',
      command: 'eks-whois records --resource secrets --resource pods/exec --since 2h --no-system',
    },
    {
      asks: 'How often did each person act in this namespace?',
      command: 'eks-whois records --cluster prod --namespace payments --summary',
    },
    {
      asks: 'What happens there right now?',
      command: 'eks-whois records --cluster prod --namespace payments --follow',
    },
    {
      asks: 'Who else used the role of this request?',
      command: 'eks-whois records --same-role 7a0e1c5e-0000-4000-8000-000000000001 --window 30m --summary',
    },
    { asks: 'What was this role denied?', command: 'eks-whois records --role eks-admin --code 403 --from yesterday' },
    {
      asks: 'Which new people opened a shell?',
      command: 'eks-whois records --first-seen-since 7d --verb create --resource pods/exec',
    },
    {
      asks: 'Which requests are unidentified? As a file for a spreadsheet.',
      command: 'eks-whois records --status unattributed -o csv --output-file unidentified.csv',
    },
  ],
  exitStatus:
    '0 done, also after Ctrl-C with --follow; 1 failed; 2 wrong usage; 3 a name means several people, listed on standard error.',
};

async function recordsAction(options: RecordsOptions): Promise<void> {
  await checkSignIn(options);
  if (options.follow === true) return (await import('./follow.ts')).followAction(options);
  noteSessionNames(options);
  if (!asksSame(options)) recordsQuestion(options); // wrong usage is reported before files are read
  const compared = options.compare === undefined ? undefined : comparedRanges(options, epochMillis(Date.now()));
  const service = await recordsAccess(
    options,
    compared === undefined ? instantRangeOf(options) : rangeOfBoth(compared),
  );
  const narrowed = asksSame(options) ? await withSame(options, samePlace(service)) : options;
  if (compared !== undefined) return compareAction(narrowed, service, compared);
  if (narrowed.summary === true) return (await import('./summary.ts')).summaryAction(narrowed, service);
  return (await import('./answer.ts')).recordsAnswer(narrowed, service);
}

/** Reports session names without a role: they mean sessions of all roles. */
function noteSessionNames({ session = [] }: RecordsOptions): void {
  const names = session.filter(isSessionNameAlone);
  if (names.length > 0)
    note(
      `Session names without a role: ${names.join(', ')}. Sessions of all roles with this name are shown. Whoever assumes a role chooses the name, so different people can be behind them.`,
    );
}

/** The maximum number of pages of records with one audit ID that are read, some thousand records. */
const MOST_PAGES_OF_ID = 10;

/**
 * Returns the records with an audit ID. Reads all of them, because a client can hide a request among others with the
 * same ID.
 */
function samePlace(service: RecordsAccess): SamePlace {
  return {
    async records(auditId) {
      const question = questionOf([{ name: 'auditId', value: auditId, negated: false }], {});
      const found: AuditRecord[] = [];
      for await (const { records, isLast } of pagesOf(question, service.records, { most: MOST_PAGES_OF_ID })) {
        found.push(...records);
        if (isLast) return found;
      }
      throw new CommandError(
        `More than ${PAGE * MOST_PAGES_OF_ID} records have the audit ID ${auditId}: the client can choose it. Use --role or --ip, with --from and --to.`,
        1,
      );
    },
    none: `the ${service.isFiles === true ? 'files have' : 'service has'} no record with this audit ID. Check the audit ID`,
  };
}

function asksSame({ sameRole, sameIp }: RecordsOptions): boolean {
  return (sameRole ?? sameIp) !== undefined;
}

function checkUsage(options: RecordsOptions): void {
  checkSame(options);
  if (options.follow === true && options.summary === true)
    throw wrongUsage('--follow and --summary exclude each other: leave one of them out.');
  const [shown] = (['sort', 'reverse', 'fields'] as const).filter((name) => options[name] !== undefined);
  if (shown !== undefined && options.follow === true)
    throw wrongUsage(`--${shown} needs all records, and --follow never has all. Leave one of them out.`);
  checkCompare(options);
  if (options.compare !== undefined) checkFields(options, DIFFERENCE_FIELDS);
  else if (options.summary === true) checkFields(options, ACTOR_FIELDS);
  else checkFields(options, RECORD_FIELDS);
  if (options.follow === true && options.to !== undefined)
    throw wrongUsage('--follow has no end, but --to sets one: leave one of them out.');
  if (options.follow === true && asksFiles(options))
    throw wrongUsage(
      '--follow waits for new records of a service. Files do not get new records. Leave out --follow or --audit.',
    );
}

/**
 * Checks that all requests are compared: a request that was not read would count as gone.
 * @throws CommandError for an option that leaves some out.
 */
function checkCompare(options: RecordsOptions): void {
  if (options.compare === undefined) return;
  if (options.summary !== true) throw wrongUsage('--compare works only with --summary. Add --summary.');
  const [cut] = (['limit', 'maxPages', 'sameRole', 'sameIp'] as const).filter((name) => options[name] !== undefined);
  if (cut !== undefined) throw wrongUsage(`--compare and ${optionOf(cut)} exclude each other: leave one of them out.`);
}

/** The option `-f`, which means `--follow` in other programs. */
class FollowOption extends Option {
  constructor() {
    super('-f', 'the same as --follow');
    this.helpGroup(GROUPS.output);
  }

  override attributeName(): string {
    return 'follow';
  }
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds < 0.1 || seconds > 3_600)
    throw new InvalidArgumentError('Give a number of seconds from 0.1 to 3600.');
  return seconds * SECOND;
}

/**
 * Sets the default cluster if the question names none but has another filter. A default cluster alone is not a
 * question. A note reports it, because a filter that nobody sees hides records.
 */
function withDefaultCluster(command: Command): Command {
  return command.hook('preAction', async () => {
    const options = command.opts<RecordsOptions>();
    if (options.allClusters === true && options.cluster !== undefined)
      throw wrongUsage('--cluster and --all-clusters exclude each other: leave one of them out.');
    if (!canMean(options)) return;
    const meant = await defaultCluster();
    if (meant === undefined) return;
    note(`Only cluster ${meant.cluster} (from ${meant.from}). -A searches all clusters.`);
    command.setOptionValueWithSource('cluster', [meant.cluster], 'config');
  });
}

/** The options that make a question without a cluster. */
const PARTS: readonly string[] = ['since', 'from', 'to', 'follow', ...FIELD_NAMES, ...FIELD_NAMES.map(negatedName)];

/** Returns whether the default cluster applies. It does not for an audit ID, which finds its event in any cluster. */
function canMean(options: RecordsOptions): boolean {
  const isOfClusters =
    options.allClusters === true || asksFiles(options) || (options.cluster ?? options.notCluster) !== undefined;
  if (isOfClusters || options.auditId !== undefined) return false;
  const given: Readonly<Record<string, unknown>> = { ...options };
  return PARTS.some((part) => given[part] !== undefined) || options.system === false;
}
