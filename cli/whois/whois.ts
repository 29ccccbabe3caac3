import { Command, InvalidArgumentError } from 'commander';
import { LookupError } from '../../lib/adapters/cloudtrail/lookup-error.ts';
import { readGrants } from '../../lib/adapters/files/file-grants.ts';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { pathSource } from '../../lib/adapters/s3/path-source.ts';
import type { Answer } from '../../lib/attribution/answer.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { type AttributionSettings, DEFAULT_DEADLINE } from '../../lib/attribution/settings.ts';
import { present, textAt } from '../../lib/json.ts';
import { quoted } from '../../lib/shell.ts';
import { type EpochMillis, epochMillis, HOUR } from '../../lib/time.ts';
import { callerAnswered } from '../../lib/usecases/query/whois.ts';
import { whoisSession } from '../../lib/usecases/query/whois-session.ts';
import { escapeForTerminal, escapeLines, plainJson } from '../../lib/words/escape.ts';
import { checkProfiles } from '../access/aws-profiles.ts';
import { serviceAccess } from '../access/service-access.ts';
import { choosingService } from '../access/service-choice.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { tellingFaults } from '../failures/faults.ts';
import { sharedIdHead, sharedIdText, sharedRequests } from '../format/shared-id-text.ts';
import { type SessionAnswer, whoisText } from '../format/whois-text.ts';
import { refusingEmptyValues } from '../options/empty-values.ts';
import { countedGroupsOf, LOG_GROUP_HELP, logGroupOption } from '../options/log-groups.ts';
import { withOutput } from '../options/output-options.ts';
import { ownCommand } from '../options/own-command.ts';
import { CONFIG_HELP, takingConfig } from '../options/parameter-file.ts';
import { checkPaths } from '../options/paths.ts';
import { ruleSettings, withRules } from '../options/rule-options.ts';
import { REQUEST_PAYER, s3AccessOf, s3Reading } from '../options/s3-options.ts';
import { serviceOption } from '../options/service-options.ts';
import { instantOption, readingTimes, TIME_FORMS } from '../options/times.ts';
import { untilInterrupted } from '../terminal/interruption.ts';
import { outputTo, type TextOutput } from '../terminal/text-output.ts';
import { EXIT_STATUS } from './exit-status.ts';
import { readText, s3OptionsOf } from './files.ts';
import { checkHistory, history, reportText, withDoubt } from './look-ups.ts';
import { askService, type ServiceAnswer } from './service.ts';
import { hasStandardInput, standardInput } from './standard-input.ts';
import { checkAnythingUsage, checkSwallowed, checkUsage, namesSomebody, type WhoisOptions } from './usage.ts';

export function whoisCommand(): Command {
  const emptyIsWrong = ['--profile', '--cloudtrail', '--table', '--audit-id', '--audit', '--output-file'];
  const command = refusingEmptyValues(new Command('whois'), emptyIsWrong)
    .summary('who is behind anything that is pasted, or a session of the audit log')
    .description(
      "Tells who is behind a session, with the evidence. It asks CloudTrail's LookupEvents with your AWS credentials; " +
        'nothing needs to be deployed. Or it reads CloudTrail files, or asks the service.',
    )
    .argument('[anything...]', 'what was pasted, in any of the forms below; - is standard input')
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
    );
  withRules(command)
    .option('--region <region...>', 'where to look (default: all Regions that are enabled by default)')
    .option('--profile <profile...>', 'AWS profiles; several are several accounts')
    .option(
      '--cloudtrail <path...>',
      'read CloudTrail files instead of asking AWS, without --region and --profile; of s3://bucket/prefix, with them, the days before --at (docs/sources.md)',
    )
    .option(...REQUEST_PAYER)
    .addOption(logGroupOption())
    .option(
      '--audit <path...>',
      'audit events in files, beside --cloudtrail: for audit ids, usernames and what comes next',
    )
    .option('--api <url>', 'ask the deployed or local service at this address')
    .option('--table <name>', 'ask the deployed tables: the name of one, or their common prefix')
    .addOption(serviceOption());
  // Only a service knows audit ids; CloudTrail answers all else but some of what is pasted (`withConfigured`).
  choosingService<WhoisOptions>(command, ({ auditId }) => auditId === undefined);
  takingConfig(command);
  return withOutput(readingTimes(command), { says: 'how to answer', formats: ['text', 'json'], unless: 'text' })
    .addHelpText('after', HELP)
    .action((anything: readonly string[], options: WhoisOptions, command: Command) =>
      whoisAction(anything, options, command),
    );
}

const HELP = `
Paste anything: an audit event or several, a CloudTrail record or its event id, a GuardDuty or Security Hub finding, an
answer of Logs Insights (with @message, or with columns such as user.extra.accessKeyId.0 and auditID, as CSV or JSON), an
access key id, AROA…, AROA…:<session name>, a uid, an ARN of a user, role or session, a username, an e-mail, an audit id,
an error line of kubectl or the API server. It says what it took it for, who is behind it, what the request was, and which
commands come next; of a role or a person, the sessions. whois can be left out.

A finding and an error line have no access key. If the audit log is at hand (--audit, --api, --table), the request that they
describe is looked for there first, and its own caller is the answer. If several callers fit, nobody is named alone.

Or give by options what the audit event has: --uid with --username, or --principal; either with --access-key-id,
--session-name and --arn where it has them (user.extra); or the key alone. Without the key an answer rests on the session's
name, which whoever assumed the role chose. A uid has its prefix, aws-iam-authenticator:<account>:AROA…; one without is
another authenticator's.

Where several requests bear the ID, the answer and the exit status are the latest one's, and by whom all of them are is
told behind it; with --output json, on standard error.

Asking CloudTrail needs cloudtrail:LookupEvents, takes two requests a second in each Region, and knows 90 days. Which
Regions and accounts did not answer is told on standard error. An API with a JWT authorizer takes the token from
EKS_WHOIS_TOKEN; otherwise requests to it are signed with SigV4. Without --api, --table and --service, --audit-id, and a
person, a role, a username or an audit id that is pasted, are asked of EKS_WHOIS_API or EKS_WHOIS_TABLE, else of the default
of eks-whois configure; all else is asked of CloudTrail.
${LOG_GROUP_HELP}
${CONFIG_HELP}

Examples:
  eks-whois whois ASIAEXAMPLE123456789 --cloudtrail AWSLogs/
  pbpaste | eks-whois whois - --table eks-whois-prod
  eks-whois whois alice@example.com --api https://abc.execute-api.eu-west-1.amazonaws.com
  eks-whois whois --access-key-id ASIAEXAMPLE123456789 --at 2026-03-10T08:15:07Z
  eks-whois whois --principal AROAEXAMPLE1234567890:EKSGetTokenAuth --at 2026-03-10T14:03:00Z --region eu-west-1
  eks-whois whois --uid aws-iam-authenticator:111122223333:AROA… --username admin:jane --profile prod --profile tools
  eks-whois whois --uid aws-iam-authenticator:111122223333:AROA… --username admin:jane --session-name jane@example.com
  eks-whois whois --principal AROA…:jane --cloudtrail AWSLogs/ -o json
  eks-whois whois --audit-id 7a0e1c5e-0000-4000-8000-000000000001 --table eks-whois-prod

Exit status: 0 attributed, partial or system; 1 it failed; 2 wrong usage; 3 ambiguous; 4 unattributed, or nothing is
known of it; 5 pending; of several answers the gravest: 4 before 3 before 5.`;

async function whoisAction(words: readonly string[], options: WhoisOptions, command: Command): Promise<void> {
  const now = epochMillis(Date.now());
  const isPiped = words.length === 0 && !namesSomebody(options) && hasStandardInput();
  if (words.length === 0 && !namesSomebody(options)) checkSwallowed(options);
  if (words.length === 0 && !isPiped) return askedAction(options, now);
  checkAnythingUsage(options, now);
  const settings = ruleSettings(options);
  countedGroupsOf(options.logGroup);
  await checkProfiles(options.profile ?? []);
  const text = await pastedText(words, options);
  if (isPiped && text.trim() === '') return askedAction(options, now);
  const commands = (command.parent ?? command).commands.map((each) => each.name());
  await (await import('./anything.ts')).anythingAction(text, options, settings, commands);
}

/** What was pasted, as arguments or on standard input. */
export function pastedText(
  words: readonly string[],
  { cloudtrail = [], audit = [] }: Pick<WhoisOptions, 'cloudtrail' | 'audit'>,
): Promise<string> {
  if (words.length > 0 && (words.length > 1 || words[0] !== STANDARD_INPUT)) return Promise.resolve(words.join(' '));
  if ([...cloudtrail, ...audit].includes(STANDARD_INPUT))
    throw wrongUsage('Standard input (-) can be read once only: give what you ask about as an argument.');
  return standardInput();
}

/** By options, as an audit event has the fields. */
async function askedAction(options: WhoisOptions, now: EpochMillis): Promise<void> {
  checkUsage(options, now);
  countedGroupsOf(options.logGroup);
  await checkProfiles(options.profile ?? []);
  const settings = ruleSettings(options);
  const output = outputTo(options.outputFile);
  const answer = await answerTo(options, settings);
  const { attribution } = answer;
  const told = { ...answer, ...shownOf(answer, options) };
  output.write(options.format === 'json' ? `${plainJson(jsonOf(answer, options))}\n` : whoisText(told));
  tellOfShared(answer, options, output);
  await output.end();
  process.exitCode = EXIT_STATUS[attribution.status];
}

/** What the text says of the question beside the answer. */
function shownOf({ caller }: ServiceAnswer, options: WhoisOptions): Omit<SessionAnswer, 'attribution'> {
  const { auditId, accessKeyId, at, cloudtrail } = options;
  const isOfEvent = auditId !== undefined;
  const key = isOfEvent ? textAt(caller, 'accessKeyId') : accessKeyId;
  const asked = { isOfEvent, hasKey: key !== undefined, hasTime: isOfEvent || at !== undefined };
  return { caller: isOfEvent ? caller : undefined, asked, isOfFiles: cloudtrail !== undefined };
}

/** The attribution, and whom it is about. */
function jsonOf({ attribution, caller, learnt }: ServiceAnswer, options: WhoisOptions): object {
  return { ...attribution, caller: caller ?? callerAnswered(options, learnt, attribution) };
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
  const shared = sharedRequests(records);
  if (shared === undefined) return;
  const text = sharedIdText(shared, escapeForTerminal(recordsCommand(options)));
  if (options.format === 'text') output.write(`\n${text}`);
  else process.stderr.write(`${sharedIdHead(shared)} The answer is the latest's.\n${text}`);
}

/** Asks for all records of the audit ID, where this question was asked. */
function recordsCommand({ auditId = '', api, table = '', region = [], profile = [] }: WhoisOptions): string {
  const as = profile.map((name) => ` --profile ${quoted(name)}`);
  const where = region.map((name) => ` --region ${quoted(name)}`);
  const asked = api === undefined ? `--table ${quoted(table)}` : `--api ${quoted(api)}`;
  return ownCommand(`records --audit-id ${quoted(auditId)} ${asked}${[...as, ...where].join('')}`);
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

async function askCloudTrail(
  options: WhoisOptions,
  settings: AttributionSettings,
  signal: AbortSignal,
): Promise<Answer> {
  checkHistory(options.at);
  const { source } = await history(options, settings, signal);
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

export function hoursOf(text: string): number {
  const hours = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || hours <= 0 || hours > 90 * 24) {
    throw new InvalidArgumentError('Give hours, more than 0 and at most 2160: LookupEvents knows 90 days.');
  }
  return hours * HOUR;
}
