import { Command, Option } from 'commander';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { pathSource } from '../../lib/adapters/s3/path-source.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { exactName } from '../../lib/attribution/actor-names.ts';
import type { KeptRecord } from '../../lib/claims/kept-record.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { clusterText } from '../../lib/identity/cluster.ts';
import { present } from '../../lib/json.ts';
import type { LogSearch } from '../../lib/ports/histories.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { quoted } from '../../lib/shell.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant } from '../../lib/time.ts';
import { timeOf } from '../../lib/usecases/activity/requests.ts';
import {
  awsCallsOf,
  shortenedAws,
  timesAround,
  trailOfFiles,
  trailOfLogGroup,
} from '../../lib/usecases/related/aws-calls.ts';
import { MOST_RELATED, related, shortenedRelated } from '../../lib/usecases/related/related.ts';
import type { RelatedAnswer, RelatedToRequest, SessionAround } from '../../lib/usecases/related/related-answer.ts';
import { plainJson } from '../../lib/words/escape.ts';
import { checkSignIn } from '../access/aws-profiles.ts';
import { type ServiceOptions, serviceOrLocal } from '../access/service-access.ts';
import { filesAhead } from '../attribute/files-ahead.ts';
import { unflaggedCopies, unmetSettings } from '../attribute/found-instead.ts';
import { inputSummary, listUnread, lostInput } from '../attribute/summary.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { note, reportFaults } from '../failures/faults.ts';
import { type CommandHelp, GROUPS, withHelp } from '../help/command-help.ts';
import { awsSettings, isRegion } from '../options/aws-options.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { clusterArnOption, knownCluster } from '../options/known-cluster.ts';
import { countedGroupsOf, LOG_GROUP_TOPIC, logGroupOption } from '../options/log-groups.ts';
import { type OutputOptions, withOutput } from '../options/output-options.ts';
import { ownCommand } from '../options/own-command.ts';
import { CONFIG_TOPIC, withConfig } from '../options/parameter-file.ts';
import { checkPaths } from '../options/paths.ts';
import { forRecords, placeWords } from '../options/place-words.ts';
import { type RuleOptions, ruleSettings, withRules } from '../options/rule-options.ts';
import { requestPayerOption, type S3Options, s3AccessOf, s3Reading } from '../options/s3-options.ts';
import { SERVICE_TOPIC, wholeOf, withService } from '../options/service-options.ts';
import { instantOption, TIME_TOPIC, withTimes } from '../options/times.ts';
import { summarizesInput, type VerboseOptions, verboseOption } from '../options/verbose-option.ts';
import { untilInterrupted } from '../terminal/interruption.ts';
import { printed } from '../terminal/text-output.ts';
import { screenWidth } from '../terminal/width.ts';
import { withPlacesIn } from '../whois/command-texts.ts';
import { readRelated } from './answer-shape.ts';
import { sourceOfFiles } from './file-source.ts';
import { pastedRequest } from './pasted-request.ts';
import { relatedText, type ShownAnswer } from './text.ts';

/** Defines `eks-whois related`. */
export function relatedCommand(): Command {
  const command = withTimes(refuseEmptyValues(new Command('related')))
    .summary('what belongs to a request: its session, pod, tokens and AWS calls')
    .description(
      'Shows what belongs to a request: its stages, and what else its session did around that time. The request is given by its audit ID, ' +
        'or by a finding or a log line that describes it. For a service account, it also shows the pod, who created the pod, its owners ' +
        '(such as a Deployment), who opened a shell in it, and who requested tokens.',
    )
    .argument('<audit-id>', 'the auditID of the event, or a text that describes the request')
    .addOption(
      instantOption(
        '--at <time>',
        'if requests share the audit ID: only those within five minutes of this time',
        'start',
      ),
    )
    .optionsGroup(GROUPS.input)
    .option('--audit <path...>', 'read audit events from files, with --cloudtrail, instead of querying a service')
    .option(
      '--cloudtrail <path...>',
      "CloudTrail records: with --audit for the grants, and always for the AWS calls of the pod's role",
    )
    .option(
      '--trail-log-group <name>',
      "search the AWS calls of the pod's role in this log group of a trail: its name, or its ARN if it is in another Region",
    )
    .option('--cluster-name <name>', 'with --audit: the cluster of audit events that name none')
    .addOption(clusterArnOption());
  withRules(command).addOption(logGroupOption()).addOption(requestPayerOption());
  command
    .optionsGroup(GROUPS.output)
    .option(
      '--limit <number>',
      'at most this many entries in each list, the first ones (default: all that are known)',
      wholeOf,
    )
    .addOption(new Option('--fields <fields>', 'refused: the answer has several lists').hideHelp());
  withOutput(command, { says: 'how to write the answer', formats: ['text', 'json'], unless: 'text' });
  withService<RelatedOptions>(command, ({ audit }) => audit !== undefined);
  return withHelp(withConfig(command.addOption(verboseOption())), HELP).action(
    (auditId: string, options: RelatedOptions) => reportFaults(() => relatedAction(auditId, options)),
  );
}

const HELP: CommandHelp = {
  common: [
    '--at',
    '--audit',
    '--cloudtrail',
    '--trail-log-group',
    '--cluster-name',
    '--output',
    '--api',
    '--table',
    '--service',
    '--profile',
    '--region',
  ],
  notes: `
Inside a pod, a person and the program look alike. People who opened a shell in it, have its token or created it are candidates,
with the reasons. They are never the actor.`,
  topics: [
    {
      heading: 'How it is found:',
      text: `
The owners of a pod are followed if Kubernetes' own controllers named them. Otherwise whoever created it is its author. The
answer marks what was found by name only. docs/related.md says what the audit log does not contain.

The client chooses the audit ID. If several requests have the same one, the answer shows the five newest separately, or those
around --at.

Files are read more than once, so none of them can be standard input. AWS calls come from CloudTrail's files or from the log group
that a trail delivers to (--trail-log-group, which needs logs:FilterLogEvents). Calls of Pod Identity are matched by the pod's
uid. A call with IRSA can come from any pod of the service account that was running at that time.`,
    },
    TIME_TOPIC,
    SERVICE_TOPIC,
    LOG_GROUP_TOPIC,
    CONFIG_TOPIC,
  ],
  examples: [
    {
      asks: 'Who may be behind this request of a service account?',
      command: 'eks-whois related 7a0e1c5e-0000-4000-8000-000000000001 --table eks-whois-prod',
    },
    {
      asks: "Which AWS calls did the pod's role make?",
      command:
        'eks-whois related 7a0e1c5e-0000-4000-8000-000000000001 --table eks-whois-prod --trail-log-group aws-cloudtrail-logs',
    },
    {
      asks: 'The same from files, without a service:',
      command: 'eks-whois related 7a0e1c5e-0000-4000-8000-000000000001 --audit audit/ --cloudtrail AWSLogs/',
    },
    {
      asks: 'From a service and CloudTrail files, as JSON:',
      command: 'eks-whois related 7a0e1c5e-0000-4000-8000-000000000001 --service prod --cloudtrail AWSLogs/ -o json',
    },
  ],
  exitStatus: '0 done; 1 failed, or no request has the audit ID; 2 wrong usage.',
};

async function relatedAction(pasted: string, given: RelatedOptions): Promise<void> {
  checkUsage(pasted, given);
  await checkSignIn(given);
  await checkPaths([...(given.audit ?? []), ...(given.cloudtrail ?? [])], s3AccessOf(s3Options(given)));
  const { auditId, at } = (await pastedRequest(pasted, given, ruleSettings(given))) ?? {
    auditId: pasted,
    at: given.at,
  };
  const options: RelatedOptions = { ...given, ...(at !== undefined && { at }) };
  const answer = options.audit === undefined ? await askService(auditId, options) : await readFiles(auditId, options);
  const shown = withPlacesIn(shownAnswer(await withAws(answer, options), options), options);
  const text =
    options.format === 'json'
      ? `${plainJson(shown)}\n`
      : relatedText(shown, nextCommands(answer, options), screenWidth(options.outputFile));
  await printed(text, options.outputFile);
}

/**
 * Returns the answer with at most `--limit` entries in each list. Further entries are only counted. Candidates are
 * never left out, because each of them may be behind the request.
 */
function shownAnswer(answer: ShownAnswer, { limit }: RelatedOptions): ShownAnswer {
  if (limit === undefined) return answer;
  const requests = shortenedRelated(answer, limit).requests.map((request, at) => {
    const { candidates = [], aws } = answer.requests[at] ?? {};
    return present({ ...request, candidates, aws: aws && shortenedAws(aws, limit) });
  });
  return { ...answer, requests };
}

function checkUsage(auditId: string, options: RelatedOptions): void {
  const { audit, cloudtrail, api, table, trailLogGroup, fields } = options;
  if (fields !== undefined)
    throw wrongUsage(
      'related takes no --fields: its answer has several lists. For fields of requests, use eks-whois records --fields; for all of the answer, -o json.',
    );
  if (trailLogGroup !== undefined) trailGroupOf(trailLogGroup);
  countedGroupsOf(options.logGroup);
  ruleSettings(options);
  if (auditId === '') throw wrongUsage('Give the audit ID of the request: the auditID of its audit event.');
  if ([...(audit ?? []), ...(cloudtrail ?? [])].includes(STANDARD_INPUT))
    throw wrongUsage(
      'Files are read more than once, and standard input (-) can be read only once. Write it to a file first.',
    );
  if (audit === undefined) return checkOfService(options);
  if (cloudtrail === undefined)
    throw wrongUsage('--audit needs --cloudtrail: the grants there identify the actors. Add --cloudtrail PATH.');
  if (api !== undefined || table !== undefined)
    throw wrongUsage('Give --audit, or one of --api and --table, not both.');
}

function checkOfService({ clusterName, clusterArn }: RelatedOptions): void {
  if (clusterName === undefined && clusterArn === undefined) return;
  const given = clusterName === undefined ? '--cluster-arn' : '--cluster-name';
  throw wrongUsage(`${given} works only with --audit: the service knows the clusters. Leave it out.`);
}

async function askService(auditId: string, options: RelatedOptions): Promise<RelatedAnswer> {
  const body = await serviceOrLocal(options).related(auditId, options.at);
  if (body === undefined)
    throw new CommandError(`The service has no record with this audit ID${aroundText(options)}.`, 1);
  return readRelated(body);
}

async function readFiles(text: string, options: RelatedOptions): Promise<RelatedAnswer> {
  const started = performance.now();
  const { audit = [] } = options;
  const about = { auditId: auditIdOf(text), at: options.at };
  const counted = countedGroupsOf(options.logGroup);
  const found = await sourceOfFiles(about, {
    audit: () => pathSource(audit, counted, s3Of(options, 'audit', {})),
    again: filesAhead(audit, counted),
    cloudtrail: trailOf(options, {}),
    known: knownCluster(options),
    settings: ruleSettings(options),
  });
  const answer = found && (await related(about, found.source));
  if (found === undefined || answer === undefined)
    throw new CommandError(
      `The files have no audit event with this audit ID${aroundText(options)}. Check the audit ID and --audit.`,
      1,
    );
  if (summarizesInput(options)) process.stderr.write(inputSummary(found.counts, (performance.now() - started) / 1_000));
  for (const sentence of [
    ...lostInput(found.counts, listUnread(options)),
    ...unmetSettings(found.counts),
    ...unflaggedCopies(found.counts),
  ])
    note(sentence);
  return answer;
}

function aroundText({ at }: RelatedOptions): string {
  return at === undefined ? '' : ` within five minutes of ${formatInstant(at)}`;
}

/** Adds AWS calls from CloudTrail to the answer, if its files or the trail's log group are given. */
async function withAws(answer: RelatedAnswer, options: RelatedOptions): Promise<ShownAnswer> {
  const { cloudtrail, trailLogGroup } = options;
  if (cloudtrail === undefined && trailLogGroup === undefined) return withoutAws(answer);
  const files = timesToRead(answer, cloudtrail).map((range) => trailOfFiles(trailOf(options, range)));
  const calls = await untilInterrupted(async (signal) => {
    const logs = trailLogGroup === undefined ? [] : [trailOfLogGroup(await searchOf(trailLogGroup, options, signal))];
    return awsCallsOf(answer.requests, [...files, ...logs], MOST_RELATED);
  }, 'Interrupted; nothing was answered.');
  const flaws = new Set(calls.flatMap((aws) => aws?.notKnown ?? []));
  for (const flaw of flaws) note(flaw);
  return { ...answer, requests: answer.requests.map((request, at) => present({ ...request, aws: calls[at] })) };
}

/** Says that the AWS sessions and calls of each service account were not searched. */
function withoutAws(answer: RelatedAnswer): ShownAnswer {
  const requests = answer.requests.map((request) =>
    request.serviceAccount === undefined
      ? request
      : { ...request, notKnown: [...(request.notKnown ?? []), AWS_NOT_SEARCHED] },
  );
  return { ...answer, requests };
}

const AWS_NOT_SEARCHED =
  'AWS sessions and calls were not searched: the service does not show them. To search CloudTrail, add --cloudtrail PATH or --trail-log-group NAME.';

/**
 * Returns the time ranges to read. Files on disk are read completely. In S3, only the folders of these times are read.
 */
function timesToRead({ requests }: RelatedAnswer, paths: readonly string[] | undefined): readonly TimeRange[] {
  if (paths === undefined) return [];
  return paths.some(isS3Path) ? timesAround(requests) : [{}];
}

async function searchOf(written: string, { profile, region }: RelatedOptions, signal: AbortSignal): Promise<LogSearch> {
  const { name, region: own = region } = trailGroupOf(written);
  const settings = awsSettings(present<{ profile?: string; region?: string }>({ profile, region: own }));
  const { logSearch } = await import('../../lib/adapters/cloudwatch-logs/filtered-page.ts');
  return logSearch({ logGroup: name, option: TRAIL_LOG_GROUP, signal }, settings);
}

function trailOf(options: RelatedOptions, range: TimeRange) {
  return pathSource(options.cloudtrail ?? [], countedGroupsOf(options.logGroup), s3Of(options, 'cloudtrail', range));
}

function s3Of(options: RelatedOptions, content: 'audit' | 'cloudtrail', range: TimeRange) {
  return s3Reading(s3Options(options), content, range, epochMillis(Date.now()));
}

function s3Options({ profile, region, requestPayer }: RelatedOptions): S3Options {
  return { profile, region: region === undefined ? undefined : [region], requestPayer };
}

/** The options of `related`, as commander hands them over. */
interface RelatedOptions extends ServiceOptions, RuleOptions, OutputOptions<'text' | 'json'>, VerboseOptions {
  readonly at?: EpochMillis;
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
  readonly logGroup: readonly string[];
  readonly trailLogGroup?: string;
  readonly clusterName?: string;
  readonly clusterArn?: string;
  readonly requestPayer?: boolean;
  readonly limit?: number;
  readonly fields?: string;
}

/** The option with the trail's log group. */
const TRAIL_LOG_GROUP = '--trail-log-group';

/** A log group, and its Region if an ARN gives it. */
interface TrailGroup {
  readonly name: string;
  readonly region?: string;
}

const ARN = /^arn:[^:]+:logs:([^:]+):\d{12}:log-group:([^:]+)(?::\*)?$/;
/** Matches names of log groups (CloudWatch Logs API Reference, "CreateLogGroup"). */
const NAME = /^[\w./#-]{1,512}$/;

/**
 * Returns the log group.
 * @throws CommandError if the text is neither a name nor an ARN.
 */
function trailGroupOf(written: string): TrailGroup {
  const [, region, name = written] = ARN.exec(written) ?? [];
  if (!NAME.test(name) || (region !== undefined && !isRegion(region)))
    throw wrongUsage(`${TRAIL_LOG_GROUP} takes the name of a log group, or its ARN, not ${written}.`);
  return region === undefined ? { name } : { name, region };
}

/** The maximum number of commands that are shown. A longer list is hard to choose from. */
const MOST = 6;

/** Returns the next commands to copy: for the session, the pod, and what each candidate did that day. */
function nextCommands({ auditId, requests }: RelatedAnswer, options: RelatedOptions): readonly string[] {
  const place = placeWords(forRecords(options));
  const own =
    options.audit === undefined ? [[ownCommand(`whois --audit-id ${quoted(auditId)}`), ...place].join(' ')] : [];
  return [...own, ...requests.flatMap((request) => commandsForRequest(request, options))].slice(0, MOST);
}

function commandsForRequest({ stages, session, pod, candidates }: RelatedToRequest, options: RelatedOptions): string[] {
  const ask = askedAgain(options);
  const [record] = stages;
  const at = record && timeOf(record);
  if (record === undefined || at === undefined) return [];
  const day = ` --from ${formatInstant(epochMillis(at - DAY))} --to ${formatInstant(epochMillis(at + DAY))}`;
  const ofPod = pod?.name === undefined ? [] : [ask(podWords(pod) + clusterWords(record) + day)];
  const actors = candidates.flatMap(({ actor }) => (actor === undefined ? [] : exactName(actor)));
  return [
    ...ofPod,
    ...actors.map((actor) => ask(`--actor ${quoted(actor)}${day}`)),
    ...(session === undefined ? [] : [ask(sessionWords(session, record) + day)]),
  ];
}

/**
 * Returns the option that finds the session by its access key, because several people can have the same session name. A
 * user without a session is found by their ID.
 */
function sessionWords({ by, name, accessKeyId }: SessionAround, { attribution: { actor } }: KeptRecord): string {
  if (by === 'actor') return `--actor ${quoted(actor === undefined ? name : exactName(actor))}`;
  return accessKeyId === undefined ? `--session ${quoted(name)}` : `--key ${quoted(accessKeyId)}`;
}

function podWords({ namespace, name = '' }: NonNullable<RelatedToRequest['pod']>): string {
  return `--namespace ${quoted(namespace)} --object ${quoted(name)}`;
}

/** Returns the option for the cluster: another cluster can have a pod of that name. */
function clusterWords(record: KeptRecord): string {
  const cluster = clusterText(record);
  return cluster === '' ? '' : ` --cluster ${quoted(cluster)}`;
}

/** Returns a function that writes the command for records from the same source as this answer. */
function askedAgain(options: RelatedOptions): (words: string) => string {
  const place = placeWords(forRecords(options));
  return (words) => [ownCommand(`records ${words}`), ...place].join(' ');
}
