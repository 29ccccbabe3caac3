import { Command, InvalidArgumentError } from 'commander';
import { LookupError } from '../../lib/adapters/cloudtrail/lookup-error.ts';
import type { LookupReport } from '../../lib/adapters/cloudtrail/lookup-report.ts';
import type { LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import { type ReadGrants, readGrants } from '../../lib/adapters/files/file-grants.ts';
import { pathSource } from '../../lib/adapters/s3/path-source.ts';
import type { Answer } from '../../lib/attribution/answer.ts';
import type { Status } from '../../lib/attribution/attribution.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { type AttributionSettings, DEFAULT_DEADLINE } from '../../lib/attribution/settings.ts';
import { LONGEST_CREDENTIALS } from '../../lib/cloudtrail/grant.ts';
import { present, textAt } from '../../lib/json.ts';
import { quoted } from '../../lib/shell.ts';
import { epochMillis, formatInstant, HOUR } from '../../lib/time.ts';
import { doubted, isShortLookback } from '../../lib/usecases/query/doubt.ts';
import { callerAnswered } from '../../lib/usecases/query/whois.ts';
import { whoisSession } from '../../lib/usecases/query/whois-session.ts';
import { checkProfiles } from '../access/aws-profiles.ts';
import { serviceAccess } from '../access/service-access.ts';
import { choosingService } from '../access/service-choice.ts';
import { CommandError } from '../failures/command-error.ts';
import { tellingFaults } from '../failures/faults.ts';
import { sharedIdHead, sharedIdText } from '../format/shared-id-text.ts';
import { type Told, whoisText } from '../format/whois-text.ts';
import { awsSettings } from '../options/aws-options.ts';
import { refusingEmptyValues } from '../options/empty-values.ts';
import { EVENT_HISTORY } from '../options/event-history.ts';
import { countedGroupsOf, LOG_GROUP_HELP, logGroupOption, originAdvice } from '../options/log-groups.ts';
import { withOutput } from '../options/output-options.ts';
import { checkPaths } from '../options/paths.ts';
import { ruleSettings, usernameTemplateOption } from '../options/rule-options.ts';
import { REQUEST_PAYER, type S3Options, s3AccessOf, s3Reading } from '../options/s3-options.ts';
import { serviceOption } from '../options/service-options.ts';
import { instantOption, readingTimes, TIME_FORMS } from '../options/times.ts';
import { escapeForTerminal, escapeLines } from '../terminal/escape.ts';
import { untilInterrupted } from '../terminal/interruption.ts';
import { outputTo, type TextOutput } from '../terminal/text-output.ts';
import { askService, type ServiceAnswer } from './service.ts';
import { checkUsage, type WhoisOptions } from './usage.ts';

/** Without a time, any grant issued within it can be meant (CONTRACT); with one, those of any session that reaches there. */
const DEFAULT_LOOKBACK = { anyTime: 24 * HOUR, atTime: LONGEST_CREDENTIALS };
/** Exit status by answer (CONTRACT). */
const EXIT_STATUS: Readonly<Record<Status, number>> = {
  attributed: 0,
  partial: 0,
  system: 0,
  ambiguous: 3,
  unattributed: 4,
  pending: 5,
};

export function whoisCommand(): Command {
  const emptyIsWrong = ['--profile', '--cloudtrail', '--table', '--audit-id', '--output-file'];
  const command = refusingEmptyValues(new Command('whois'), emptyIsWrong)
    .summary('who is behind a session of the audit log')
    .description(
      "Tells who is behind a session, with the evidence. It asks CloudTrail's LookupEvents with your AWS credentials; " +
        'nothing needs to be deployed. Or it reads CloudTrail files, or asks the service.',
    )
    .option('--uid <uid>', "the audit event's user.uid, aws-iam-authenticator:<account>:AROA…")
    .option('--username <name>', "the audit event's user.username, beside --uid")
    .option('--principal <id>', 'AROA…:<session name>, as CloudTrail writes principalId')
    .option('--session-name <name>', "the audit event's user.extra.sessionName, beside --uid or --principal")
    .option('--arn <arn>', "the audit event's user.extra.arn, beside --uid or --principal: it names the role")
    .option('--access-key-id <id>', "the audit event's user.extra.accessKeyId: with it the answer is certain")
    .option(
      '--audit-id <id>',
      'an audit event that the service recorded, with --api or --table; the client chooses the id, so that several may bear it',
    )
    .addOption(instantOption('--at <time>', `when it happened: ${TIME_FORMS}`, 'start'))
    .option(
      '--lookback <hours>',
      'how far CloudTrail is asked: before --at (36 unless given) or before now (24); of files all grants count, but without --at only those within it where it is given',
      hoursOf,
    )
    .addOption(usernameTemplateOption())
    .option('--region <region...>', 'where to look (default: all Regions that are enabled by default)')
    .option('--profile <profile...>', 'AWS profiles; several are several accounts')
    .option(
      '--cloudtrail <path...>',
      'read CloudTrail files instead of asking AWS, without --region and --profile; of s3://bucket/prefix, with them, the days before --at (docs/sources.md)',
    )
    .option(...REQUEST_PAYER)
    .addOption(logGroupOption())
    .option('--api <url>', 'ask the deployed or local service at this address')
    .option('--table <name>', 'ask the deployed tables: the name of one, or their common prefix')
    .addOption(serviceOption());
  // Only a service knows audit ids; all else CloudTrail answers, unless the command line says otherwise.
  choosingService<WhoisOptions>(command, ({ auditId }) => auditId === undefined);
  return withOutput(readingTimes(command), { says: 'how to answer', formats: ['text', 'json'], unless: 'text' })
    .addHelpText('after', HELP)
    .action((options: WhoisOptions) => whoisAction(options));
}

const HELP = `
Give what the audit event has: --uid with --username, or --principal; either with --access-key-id, --session-name and
--arn where it has them (user.extra); or the key alone. Without the key an answer rests on the session's name, which whoever
assumed the role chose. A uid has its prefix, aws-iam-authenticator:<account>:AROA…; one without is another authenticator's.

Where several records bear the audit ID, the answer and the exit status are the latest one's, and by whom all of them are is
told behind it; with --output json, on standard error.

Asking CloudTrail needs cloudtrail:LookupEvents, takes two requests a second in each Region, and knows 90 days. Which
Regions and accounts did not answer is told on standard error. An API with a JWT authorizer takes the token from
EKS_WHOIS_TOKEN; otherwise requests to it are signed with SigV4. Without --api, --table and --service, --audit-id is asked
of EKS_WHOIS_API or EKS_WHOIS_TABLE, else of the default of eks-whois configure; all else is asked of CloudTrail.
${LOG_GROUP_HELP}

Examples:
  eks-whois whois --access-key-id ASIAEXAMPLE123456789 --at 2026-03-10T08:15:07Z
  eks-whois whois --principal AROAEXAMPLE1234567890:EKSGetTokenAuth --at 2026-03-10T14:03:00Z --region eu-west-1
  eks-whois whois --uid aws-iam-authenticator:111122223333:AROA… --username admin:jane --profile prod --profile tools
  eks-whois whois --uid aws-iam-authenticator:111122223333:AROA… --username admin:jane --session-name jane@example.com
  eks-whois whois --principal AROA…:jane --cloudtrail AWSLogs/ -o json
  eks-whois whois --audit-id 7a0e1c5e-0000-4000-8000-000000000001 --table eks-whois-prod

Exit status: 0 attributed, partial or system; 1 it failed; 2 wrong usage; 3 ambiguous; 4 unattributed; 5 pending.`;

async function whoisAction(options: WhoisOptions): Promise<void> {
  checkUsage(options, epochMillis(Date.now()));
  countedGroupsOf(options.logGroup);
  await checkProfiles(options.profile ?? []);
  const settings = ruleSettings(options);
  const output = outputTo(options.outputFile);
  const answer = await answerTo(options, settings);
  const { attribution } = answer;
  const told = { ...answer, ...shownOf(answer, options) };
  output.write(options.format === 'json' ? `${JSON.stringify(jsonOf(answer, options))}\n` : whoisText(told));
  tellOfShared(answer, options, output);
  await output.end();
  process.exitCode = EXIT_STATUS[attribution.status];
}

/** What the text says of the question beside the answer. */
function shownOf({ caller }: ServiceAnswer, options: WhoisOptions): Omit<Told, 'attribution'> {
  const { auditId, accessKeyId, at, cloudtrail } = options;
  const isOfEvent = auditId !== undefined;
  const key = isOfEvent ? textAt(caller, 'accessKeyId') : accessKeyId;
  const asked = { isOfEvent, hasKey: key !== undefined, hasTime: isOfEvent || at !== undefined };
  return { caller: isOfEvent ? caller : undefined, asked, isOfFiles: cloudtrail !== undefined };
}

/** The attribution, and whom it is about. */
function jsonOf({ attribution, caller, learnt }: ServiceAnswer, options: WhoisOptions): object {
  return { ...attribution, caller: caller ?? callerAnswered(options, learnt) };
}

async function answerTo(options: WhoisOptions, settings: AttributionSettings): Promise<ServiceAnswer> {
  const { api, table, profile = [], region = [] } = options;
  const asked = present({ api, table, profile: profile[0], region: region[0], serviceFrom: options.serviceFrom });
  const service = serviceAccess(asked, settings);
  if (service !== undefined) return askService(options, service);
  if (options.cloudtrail !== undefined) return askFiles(options, options.cloudtrail, settings);
  return untilInterrupted((signal) => askCloudTrail(options, settings, signal));
}

/** Where several records bear the audit ID, one's attribution alone would hide the others. */
function tellOfShared({ records }: ServiceAnswer, options: WhoisOptions, output: TextOutput): void {
  if (records === undefined) return;
  const text = sharedIdText(records, escapeForTerminal(recordsCommand(options)));
  if (options.format === 'text') output.write(`\n${text}`);
  else process.stderr.write(`${sharedIdHead(records)} The answer is the latest's.\n${text}`);
}

/** Asks for all records of the audit ID, where this question was asked. */
function recordsCommand({ auditId = '', api, table = '', region = [], profile = [] }: WhoisOptions): string {
  const as = profile.map((name) => ` --profile ${quoted(name)}`);
  const where = region.map((name) => ` --region ${quoted(name)}`);
  const asked = api === undefined ? `--table ${quoted(table)}` : `--api ${quoted(api)}`;
  return `eks-whois records --audit-id ${quoted(auditId)} ${asked}${[...as, ...where].join('')}`;
}

async function askFiles(
  options: WhoisOptions,
  paths: readonly string[],
  settings: AttributionSettings,
): Promise<Answer> {
  const s3 = s3OptionsOf(options);
  await checkPaths(paths, s3AccessOf(s3));
  const known = new KnownGrants();
  const now = epochMillis(Date.now());
  const { at, lookback } = options;
  const from = lookback === undefined || at !== undefined ? undefined : epochMillis(now - lookback);
  const counted = countedGroupsOf(options.logGroup);
  const range = at === undefined ? { from } : { from: at, to: at };
  const grants = pathSource(paths, counted, s3Reading(s3, 'cloudtrail', range, now));
  await tellingFaults(async () => void process.stderr.write(readText(await readGrants(grants, known, from))));
  const source = { answer: async () => [] };
  return whoisSession({ question: options, moment: options.at ?? 'any', known, source, settings, settled: true });
}

function s3OptionsOf({ profile = [], region, requestPayer }: WhoisOptions): S3Options {
  return { profile: profile[0], region, requestPayer };
}

function readText({ grants, rejected, ignored }: ReadGrants): string {
  const unreadable = rejected > 0 ? `, ${rejected} records could not be read` : '';
  const leftOut = [...ignored].map(([what, count]) => `, ${count} ${what} left out`);
  const lines = [`${grants} grants in the files${unreadable}${leftOut.join('')}`, ...originAdvice(ignored)];
  return `${lines.join('\n')}\n`;
}

async function askCloudTrail(
  options: WhoisOptions,
  settings: AttributionSettings,
  signal: AbortSignal,
): Promise<Answer> {
  checkHistory(options);
  const source = await lookupSource(options, settings, signal);
  const now = Date.now();
  const settled = options.at === undefined || now >= options.at + DEFAULT_DEADLINE;
  const known = new KnownGrants();
  const moment = options.at ?? 'any';
  try {
    const answer = await whoisSession({ question: options, moment, known, source, settings, settled });
    process.stderr.write(escapeLines(reportText(source.report, options)));
    return withDoubt(answer, source.report, options);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof LookupError)) throw error;
    throw new CommandError(error.message, 1, { cause: error });
  }
}

async function lookupSource(
  options: WhoisOptions,
  attribution: AttributionSettings,
  signal: AbortSignal,
): Promise<LookupSource> {
  const { cloudTrailScopes, everyAccountsRegions } = await import('../../lib/adapters/cloudtrail/sdk.ts');
  const { Connections } = await import('../../lib/adapters/cloudtrail/connections.ts');
  const { LookupSource: Source } = await import('../../lib/adapters/cloudtrail/lookup-source.ts');
  const { realWaiting } = await import('../../lib/adapters/cloudtrail/real-waiting.ts');
  const pace = { waiting: realWaiting, requestsPerSecond: 2, connections: new Connections() };
  const scopesOf = async (profile: string | undefined) => {
    const own = awsSettings(present<{ profile?: string }>({ profile })).region;
    const regions = options.region ?? (await everyAccountsRegions({ profile, region: own }));
    return cloudTrailScopes(profile, regions, pace);
  };
  const scopes = await Promise.all((options.profile ?? [undefined]).map(scopesOf));
  return new Source({
    scopes: scopes.flat(),
    attribution,
    lookback: options.lookback ?? (options.at === undefined ? DEFAULT_LOOKBACK.anyTime : DEFAULT_LOOKBACK.atTime),
    now: () => epochMillis(Date.now()),
    waiting: realWaiting,
    signal,
  });
}

/** CloudTrail would answer, with nothing: that is no reason to say that nobody can be named. */
function checkHistory({ at }: WhoisOptions): void {
  const now = Date.now();
  if (at !== undefined && at < now - EVENT_HISTORY) {
    const said = `CloudTrail's event history knows 90 days, and ${formatInstant(at)} lies before them`;
    throw new CommandError(`${said}. Give the trail's files with --cloudtrail, or ask the service.`, 1);
  }
}

function withDoubt(answer: Answer, { failures, cutShort }: LookupReport, { at, lookback }: WhoisOptions): Answer {
  const isWhole = failures.size + cutShort.size === 0 && !isShortLookback(lookback, at ?? 'any');
  return isWhole ? answer : doubted(answer);
}

function reportText(
  { requests, failures, cutShort, scopes, unasked }: LookupReport,
  { at, lookback }: WhoisOptions,
): string {
  const lines = [`${requests} LookupEvents requests in ${scopes.length - failures.size} of ${scopes.length} places`];
  for (const [scope, failure] of failures) lines.push(`  ${scope} did not answer: ${failure.message}`);
  for (const scope of cutShort)
    lines.push(`  ${scope} has more events than could be read: narrow it with --at and --lookback`);
  if (isShortLookback(lookback, at ?? 'any'))
    lines.push('  a session may have begun before what --lookback leaves: a longer one is surer');
  if (unasked > 0) {
    lines.push(
      `  ${unasked} spellings of the name, with @ for -, were not asked for: give --access-key-id, or --principal`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function hoursOf(text: string): number {
  const hours = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || hours <= 0 || hours > 90 * 24) {
    throw new InvalidArgumentError('Give hours, more than 0 and at most 2160: LookupEvents knows 90 days.');
  }
  return hours * HOUR;
}
