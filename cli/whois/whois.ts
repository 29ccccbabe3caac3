import { Command, InvalidArgumentError, Option } from 'commander';
import { LookupError } from '../../lib/adapters/cloudtrail/lookup-error.ts';
import { readGrants } from '../../lib/adapters/files/file-grants.ts';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { pathSource } from '../../lib/adapters/s3/path-source.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { type AttributionSettings, DEFAULT_DEADLINE } from '../../lib/attribution/settings.ts';
import { isAccessKeyId } from '../../lib/identity/access-key.ts';
import { present, textAt } from '../../lib/json.ts';
import { type EpochMillis, epochMillis, HOUR } from '../../lib/time.ts';
import type { SearchedAnswer } from '../../lib/usecases/deciding/ask.ts';
import { somebodyText } from '../../lib/usecases/query/anything/unissued-keys.ts';
import { callerAnswered } from '../../lib/usecases/query/whois.ts';
import { whoisSession } from '../../lib/usecases/query/whois-session.ts';
import { escapeForTerminal, escapeLines, plainJson } from '../../lib/words/escape.ts';
import { checkProfiles } from '../access/aws-profiles.ts';
import { serviceAccess } from '../access/service-access.ts';
import { withServiceChoice } from '../access/service-choice.ts';
import { COMMAND_NAMES } from '../command-names.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { reportFaults } from '../failures/faults.ts';
import { sharedIdHead, sharedIdText, sharedRequests } from '../format/shared-id-text.ts';
import { type SessionAnswer, whoisText } from '../format/whois-text.ts';
import { type CommandHelp, GROUPS, withHelp } from '../help/command-help.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { countedGroupsOf, LOG_GROUP_TOPIC, logGroupOption } from '../options/log-groups.ts';
import { withOutput } from '../options/output-options.ts';
import { CONFIG_TOPIC, withConfig } from '../options/parameter-file.ts';
import { checkPaths } from '../options/paths.ts';
import { ruleSettings, withRules } from '../options/rule-options.ts';
import { requestPayerOption, s3AccessOf, s3Reading } from '../options/s3-options.ts';
import { serviceOption, tableOption } from '../options/service-options.ts';
import { instantOption, TIME_TOPIC, withTimes } from '../options/times.ts';
import { verboseOption } from '../options/verbose-option.ts';
import { untilInterrupted } from '../terminal/interruption.ts';
import { outputTo, type TextOutput } from '../terminal/text-output.ts';
import { requestsAbout, withPlacesIn } from './command-texts.ts';
import { EXIT_STATUS } from './exit-status.ts';
import { reportGrants, s3OptionsOf } from './files.ts';
import { checkHistory, history, reportText, withDoubt } from './look-ups.ts';
import { askService, noteOf, type ServiceAnswer } from './service.ts';
import { hasStandardInput, standardInput } from './standard-input.ts';
import { withOthersOfSession } from './unissued-keys.ts';
import {
  asksService,
  checkAnythingUsage,
  checkSwallowed,
  checkUsage,
  namesSomebody,
  type WhoisOptions,
} from './usage.ts';

/** Defines `eks-whois whois`, which `eks-whois <anything>` calls too. */
export function whoisCommand(): Command {
  const emptyIsWrong = ['--profile', '--cloudtrail', '--table', '--audit-id', '--audit', '--output-file'];
  const command = refuseEmptyValues(new Command('whois'), emptyIsWrong)
    .summary('the person behind anything that you paste, or behind a session')
    .description(
      'Shows who is behind a session, with the evidence. Paste anything: an audit event, a finding, a key, an ARN, a name or an ' +
        "error message. By default, it searches CloudTrail's event history with your AWS credentials, and needs no deployment. " +
        'It can also read files, or query a service. The word whois can be left out.',
    )
    .argument('[anything...]', 'the text to look up; - reads standard input')
    .optionsGroup('Fields of an audit event, instead of pasting it:')
    .option('--uid <uid>', 'user.uid: aws-iam-authenticator:<account>:AROA…')
    .option('--username <name>', 'user.username, with --uid')
    .option('--principal <id>', 'AROA…:<session name>, the principalId of CloudTrail')
    .option('--session-name <name>', 'user.extra.sessionName, with --uid or --principal')
    .option('--arn <arn>', 'user.extra.arn, with --uid or --principal. It names the role')
    .option('--access-key-id <id>', 'user.extra.accessKeyId, which is the strongest evidence')
    .option('--audit-id <id>', 'auditID of an event that a service recorded, with --api, --table or --service')
    .addOption(
      instantOption(
        '--at <time>',
        'when it happened: 2026-03-10T14:03:00Z, yesterday, 08:00, 2h (two hours ago)',
        'start',
      ),
    )
    .addOption(
      new Option(
        '--lookback <hours>',
        'how many hours back CloudTrail is searched: before --at (default: 36) or before now (default: 24). From files, all grants are read by default, and always with --at. A name without a time is looked up in that many hours before the latest event of the data (default: 24)',
      )
        .argParser(hoursOf)
        .helpGroup(GROUPS.time),
    );
  withRules(command)
    .addOption(logGroupOption())
    .addOption(requestPayerOption())
    .optionsGroup(GROUPS.place)
    .option('--cloudtrail <path...>', 'read CloudTrail files or s3://bucket/prefix instead of querying AWS')
    .option('--audit <path...>', 'with --cloudtrail: also read audit events, to find requests and usernames')
    .option('--api <url>', "query a service's API")
    .addOption(tableOption())
    .addOption(serviceOption())
    .option('--profile <profile...>', 'the AWS profile; give several to search several accounts')
    .option('--region <region...>', 'only search these Regions (default: all except opt-in Regions)');
  // Only a service knows audit IDs. CloudTrail answers the rest, except some pasted texts (`withConfigured`).
  withServiceChoice<WhoisOptions>(command, ({ auditId }) => auditId === undefined);
  withConfig(command.addOption(verboseOption()));
  withOutput(withTimes(command), { says: 'how to write the answer', formats: ['text', 'json'], unless: 'text' });
  return withHelp(command, HELP).action(whoisAction);
}

const HELP: CommandHelp = {
  common: [
    '--principal',
    '--access-key-id',
    '--audit-id',
    '--at',
    '--cloudtrail',
    '--audit',
    '--api',
    '--table',
    '--service',
    '--profile',
    '--region',
    '--output',
  ],
  notes: `
Without an access key, the answer rests on the session name. Whoever assumes the role usually chooses it.`,
  topics: [
    {
      heading: 'What you can paste:',
      text: `
Audit events, CloudTrail records or their event IDs, GuardDuty and Security Hub findings, answers of Logs Insights as CSV or
JSON (with @message, or with columns such as user.extra.accessKeyId.0 and auditID), access key IDs, AROA…,
AROA…:<session name>, uids, ARNs of users, roles and sessions, usernames, email addresses, audit IDs, and error messages of
kubectl or the API server. The answer says what it recognized, who is behind it, what the request was, and which commands to
run next. For a role or a person it lists the sessions.

A finding and an error message contain no access key. If the audit log is at hand (--audit, --api, --table, --service), the
request that they describe is searched there first, and the answer is about its caller. If several callers match, all of them
are candidates, and none is the answer.`,
    },
    {
      heading: 'Fields of an audit event:',
      text: `
Give --uid and --username, or --principal. Add --access-key-id, --session-name and --arn if the event has them in user.extra.
Or give --access-key-id alone. A uid has the prefix aws-iam-authenticator:<account>:. A uid without it is from another
authenticator.

The client chooses the audit ID, so several requests may have the same one. Then the answer and the exit status are for
the latest request, and a list of all of them follows. If different accounts sent them, and their answers differ, the answer
names no single caller. With --output json the list goes to standard error.`,
    },
    {
      heading: 'Where it looks:',
      text: `
CloudTrail's event history needs cloudtrail:LookupEvents, covers 90 days, and takes two requests a second in each Region.
Standard error lists the Regions and accounts that did not answer. With s3:// paths, --region and --profile choose what is
read, and only the days before --at are read (docs/sources.md). Files on disk take neither option.

Without --api, --table and --service, some questions need a service: --audit-id, and a person, a role, a username or an audit
ID that is pasted. They use EKS_WHOIS_API or EKS_WHOIS_TABLE, or else the default of eks-whois configure. Everything else is
searched in CloudTrail. An API with a JWT authorizer takes the token from EKS_WHOIS_TOKEN. Requests to other APIs are signed with SigV4.`,
    },
    TIME_TOPIC,
    LOG_GROUP_TOPIC,
    CONFIG_TOPIC,
  ],
  examples: [
    {
      asks: 'Who is behind this access key?',
      command: 'eks-whois ASIAEXAMPLE123456789 --at 2026-03-10T08:15:07Z',
    },
    {
      asks: 'Who is behind the event in the clipboard?',
      command: 'pbpaste | eks-whois whois - --table eks-whois-prod',
    },
    {
      asks: 'Who was this session at 14:03?',
      command: 'eks-whois whois --principal AROAEXAMPLE1234567890:EKSGetTokenAuth --at 2026-03-10T14:03:00Z',
    },
    {
      asks: 'Who is behind this key, from files?',
      command: 'eks-whois whois ASIAEXAMPLE123456789 --cloudtrail AWSLogs/',
    },
    { asks: 'Which sessions does this person have?', command: 'eks-whois whois alice@example.com --service prod' },
    {
      asks: 'Who made this recorded request?',
      command: 'eks-whois whois --audit-id 7a0e1c5e-0000-4000-8000-000000000001 --table eks-whois-prod',
    },
    {
      asks: 'Who acted under this username, in two accounts?',
      command:
        'eks-whois whois --uid aws-iam-authenticator:111122223333:AROA… --username admin:jane --profile prod --profile tools',
    },
    {
      asks: 'What is the proof, as JSON?',
      command: 'eks-whois whois --principal AROA…:jane --cloudtrail AWSLogs/ -o json',
    },
  ],
  exitStatus:
    '0 attributed, partial or system; 1 failed; 2 wrong usage; 3 ambiguous; 4 unattributed, or nothing is known; 5 pending. ' +
    'If there are several answers, the most serious counts: 4 before 3 before 5.',
};

async function whoisAction(given: readonly string[], all: WhoisOptions): Promise<void> {
  const key = given.length === 0 ? keyAlone(all) : undefined;
  const [words, options] = key === undefined ? [given, all] : [[key], { ...all, accessKeyId: undefined }];
  const now = epochMillis(Date.now());
  const isPiped = words.length === 0 && !namesSomebody(options) && hasStandardInput();
  if (words.length === 0 && !namesSomebody(options)) checkSwallowed(options);
  if (words.length === 0 && !isPiped) return optionsAction(options, now);
  checkAnythingUsage(options, now);
  const settings = ruleSettings(options);
  countedGroupsOf(options.logGroup);
  await checkProfiles(options.profile ?? []);
  const text = await pastedText(words, options);
  if (isPiped && text.trim() === '') return optionsAction(options, now);
  await (await import('./anything.ts')).anythingAction(text, options, settings, COMMAND_NAMES);
}

/**
 * Returns the access key if the options give nothing else of an event. It is then looked up as if it had been pasted.
 */
function keyAlone({ accessKeyId, ...others }: WhoisOptions): string | undefined {
  const isAlone = accessKeyId !== undefined && !namesSomebody(others);
  return isAlone && isAccessKeyId(accessKeyId) ? accessKeyId : undefined;
}

/** Returns the pasted text, from the arguments or standard input. */
export function pastedText(
  words: readonly string[],
  { cloudtrail = [], audit = [] }: Pick<WhoisOptions, 'cloudtrail' | 'audit'>,
): Promise<string> {
  if (words.length > 0 && (words.length > 1 || words[0] !== STANDARD_INPUT)) return Promise.resolve(words.join(' '));
  if ([...cloudtrail, ...audit].includes(STANDARD_INPUT))
    throw wrongUsage('Standard input (-) can be read only once. Give the text to look up as an argument.');
  return standardInput();
}

/** Answers a question in options, which are named like the fields of an audit event. */
async function optionsAction(options: WhoisOptions, now: EpochMillis): Promise<void> {
  checkUsage(options, now);
  countedGroupsOf(options.logGroup);
  await checkProfiles(options.profile ?? []);
  const settings = ruleSettings(options);
  const output = outputTo(options.outputFile);
  const answer = withPlacesIn(await answerTo(options, settings), options);
  const { attribution } = answer;
  const shown = { ...answer, ...shownOf(answer, options) };
  output.write(options.format === 'json' ? `${plainJson(jsonOf(answer, options))}\n` : whoisText(shown));
  const note = noteOf(answer);
  if (options.format === 'text' && note !== undefined) output.write(`${escapeForTerminal(note)}\n`);
  noteShared(answer, options, output);
  await output.end();
  process.exitCode = EXIT_STATUS[attribution.status];
}

/** Returns what the text shows in addition to the attribution. */
function shownOf(
  { caller, isComplete, unidentified = [] }: ServiceAnswer,
  options: WhoisOptions,
): Omit<SessionAnswer, 'attribution'> {
  const { auditId, accessKeyId, at, cloudtrail, uid, username, principal } = options;
  const isOfEvent = auditId !== undefined;
  const key = isOfEvent ? textAt(caller, 'accessKeyId') : accessKeyId;
  const isOfSession = isOfEvent || (uid ?? username ?? principal) !== undefined;
  const onlyKey = isOfSession ? undefined : accessKeyId;
  const isOfService = asksService(options);
  const basis = {
    isOfEvent,
    isOfService,
    hasKey: key !== undefined,
    hasTime: isOfEvent || at !== undefined,
    onlyKey,
    isComplete,
  };
  const others = unidentified.slice(0, MOST_OTHERS).map(somebodyText);
  return { caller: isOfEvent ? caller : undefined, others, basis, isOfFiles: cloudtrail !== undefined };
}

/** The maximum number of unidentified callers that the text names. */
const MOST_OTHERS = 10;

/** Returns the attribution with its caller, and what was not searched. */
function jsonOf(answer: ServiceAnswer, options: WhoisOptions): object {
  const { attribution, caller, learnt, isComplete, unidentified } = answer;
  const note = noteOf(answer);
  const scope = { ...(isComplete === false && { complete: false }), ...(note !== undefined && { note }) };
  const others = unidentified !== undefined && { unidentified };
  return { ...attribution, caller: caller ?? callerAnswered(options, learnt, attribution), ...others, ...scope };
}

async function answerTo(options: WhoisOptions, settings: AttributionSettings): Promise<ServiceAnswer> {
  const { api, table, profile = [], region = [] } = options;
  const place = present({ api, table, profile: profile[0], region: region[0], serviceFrom: options.serviceFrom });
  const service = serviceAccess(place, settings);
  if (service !== undefined) return withOthersOfSession(await askService(options, service), options, service, settings);
  if (options.cloudtrail !== undefined) return askFiles(options, options.cloudtrail, settings);
  return untilInterrupted((signal) => askCloudTrail(options, settings, signal));
}

/** Notes if several records have the audit ID: one attribution alone would hide the others. */
function noteShared({ records }: ServiceAnswer, options: WhoisOptions, output: TextOutput): void {
  const shared = sharedRequests(records);
  if (shared === undefined) return;
  const text = sharedIdText(shared, escapeForTerminal(requestsAbout('auditId', options.auditId ?? '', options)));
  if (options.format === 'text') output.write(`\n${text}`);
  else process.stderr.write(`${sharedIdHead(shared)} The answer is about the latest request.\n${text}`);
}

async function askFiles(
  options: WhoisOptions,
  paths: readonly string[],
  settings: AttributionSettings,
): Promise<SearchedAnswer> {
  const s3 = s3OptionsOf(options);
  await checkPaths(paths, s3AccessOf(s3));
  const known = new KnownGrants();
  const now = epochMillis(Date.now());
  const { at, lookback } = options;
  const from = lookback === undefined || at !== undefined ? undefined : epochMillis(now - lookback);
  const counted = countedGroupsOf(options.logGroup);
  const range = at === undefined ? { from } : { from: at, to: at };
  const grants = pathSource(paths, counted, s3Reading(s3, 'cloudtrail', range, now));
  await reportFaults(async () => reportGrants(await readGrants(grants, known, from), options));
  const source = { answer: async () => [] };
  return whoisSession({ question: options, moment: options.at ?? 'any', known, source, settings, settled: true });
}

async function askCloudTrail(
  options: WhoisOptions,
  settings: AttributionSettings,
  signal: AbortSignal,
): Promise<SearchedAnswer> {
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
    throw new InvalidArgumentError(
      'Give a number of hours, more than 0 and at most 2160: LookupEvents covers 90 days.',
    );
  }
  return hours * HOUR;
}
