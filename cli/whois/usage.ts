import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { DAY, type EpochMillis, formatInstant } from '../../lib/time.ts';
import { CLOCKS_APART } from '../../lib/usecases/query/up-to-now.ts';
import { callerOfQuestion, WhoisQuestionError } from '../../lib/usecases/query/whois-question.ts';
import type { WhoisQuery } from '../access/service-access.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { checkRegion } from '../options/aws-options.ts';
import { optionOf } from '../options/option-name.ts';
import type { OutputOptions } from '../options/output-options.ts';
import type { RuleOptions } from '../options/rule-options.ts';
import type { VerboseOptions } from '../options/verbose-option.ts';

export interface WhoisOptions extends WhoisQuery, RuleOptions, OutputOptions<'text' | 'json'>, VerboseOptions {
  readonly region?: readonly string[];
  readonly profile?: readonly string[];
  readonly cloudtrail?: readonly string[];
  /** Files with audit events, in addition to `cloudtrail`. */
  readonly audit?: readonly string[];
  readonly logGroup: readonly string[];
  readonly requestPayer?: boolean;
  readonly api?: string;
  readonly table?: string;
  readonly service?: string;
  readonly serviceFrom?: string;
}

/**
 * Checks the usage before anything is queried.
 * @throws CommandError that names what is wrong.
 */
export function checkUsage(options: WhoisOptions, now: EpochMillis): void {
  checkPlaces(options);
  const { auditId, at, lookback } = options;
  const caller = callerOptions(options);
  checkAudit(options);
  if (auditId !== undefined) {
    const [other] = Object.entries({ ...caller, at, lookback }).find(([, value]) => value !== undefined) ?? [];
    if (other !== undefined) throw wrongUsage(`--audit-id cannot be combined with ${optionOf(other)}. Leave one out.`);
    if (asksService(options)) return;
    throw wrongUsage(
      '--audit-id is looked up in a service. Add --api, --table or --service. To search files, paste the audit ID, and add --audit and --cloudtrail.',
    );
  }
  checkTime(options, now);
  if (!namesSomebody(options))
    throw wrongUsage(
      'There is nothing to look up. Give --uid and --username, --principal, --access-key-id or --audit-id, or paste text as an argument or on standard input.',
    );
  checkPair(options);
  try {
    callerOfQuestion(options);
  } catch (error) {
    if (!(error instanceof WhoisQuestionError)) throw error;
    throw wrongUsage(`${optionOf(error.parameter)}: ${error.message}`);
  }
}

/** Refuses one of `--uid` and `--username` without the other. */
function checkPair({ uid, username, principal }: WhoisOptions): void {
  if (principal !== undefined || (uid === undefined) === (username === undefined)) return;
  const [given, missing] = uid === undefined ? ['--username', '--uid'] : ['--uid', '--username'];
  throw wrongUsage(`${given} needs ${missing}. Give both.`);
}

/** Refuses `--audit` where audit events are not searched. An audit ID without a service has advice of its own. */
function checkAudit(options: WhoisOptions): void {
  if (options.audit === undefined || (options.auditId !== undefined && !asksService(options))) return;
  const [given] =
    Object.entries({ ...callerOptions(options), auditId: options.auditId }).find(([, value]) => value) ?? [];
  if (given === undefined)
    throw wrongUsage(
      '--audit works only with pasted text, and there is none. Put the text before the options, or leave --audit out.',
    );
  throw wrongUsage(
    `--audit cannot be combined with ${optionOf(given)}, which reads no audit files. Leave --audit out. To search audit files, paste the value before the options, without ${optionOf(given)}.`,
  );
}

/**
 * Checks the usage of a question with pasted text.
 * @throws CommandError that names what is wrong.
 */
export function checkAnythingUsage(options: WhoisOptions, now: EpochMillis): void {
  checkPlaces(options);
  const { auditId, audit = [], cloudtrail } = options;
  const [other] = Object.entries({ ...callerOptions(options), auditId }).find(([, value]) => value !== undefined) ?? [];
  if (other !== undefined)
    throw wrongUsage(`The pasted text already says what to look up. Leave ${optionOf(other)} out.`);
  if (audit.length > 0 && cloudtrail === undefined)
    throw wrongUsage(
      '--audit needs --cloudtrail: the grants of the same time identify the actors. Add --cloudtrail PATH.',
    );
  checkTime(options, now);
}

/**
 * Refuses options whose last value looks like pasted text: an option with several values may have taken it.
 * @throws CommandError that says so.
 */
export function checkSwallowed({ cloudtrail = [], audit = [], region = [] }: WhoisOptions): void {
  for (const [option, values] of Object.entries({ cloudtrail, audit, region })) {
    const last = values.at(-1) ?? '';
    const recognized = recognize(last);
    if (values.length < 2 || recognized.outcome !== 'subjects' || recognized.as === 'a name') continue;
    throw wrongUsage(`${last} was read as a value of ${optionOf(option)}. Put the text to look up before the options.`);
  }
}

function callerOptions({ uid, username, principal, accessKeyId, sessionName, arn }: WhoisOptions) {
  return { uid, username, principal, accessKeyId, sessionName, arn };
}

/** Returns whether an option names the caller to look up. */
export function namesSomebody(options: WhoisOptions): boolean {
  return Object.values({ ...callerOptions(options), auditId: options.auditId }).some((value) => value !== undefined);
}

/** Returns whether a service is to answer. */
export function asksService({ api, table }: WhoisOptions): boolean {
  return api !== undefined || table !== undefined;
}

/**
 * Refuses a time in the future. A service has its own clock. That of a local service follows the events, which are at
 * most a day ahead.
 */
function checkTime({ at, api }: WhoisOptions, now: EpochMillis): void {
  if (at === undefined || at <= now + (api === undefined ? CLOCKS_APART : DAY)) return;
  throw wrongUsage(
    `--at ${formatInstant(at)} is in the future. Give the time of the request. A time without a zone is UTC.`,
  );
}

function checkServiceUsage(options: WhoisOptions): void {
  const { api, usernameTemplate, trustedProxy, identityStore, region = [], profile = [] } = options;
  const [rule] =
    Object.entries({ usernameTemplate, trustedProxy, identityStore }).find(([, given]) => given.length > 0) ?? [];
  if (api !== undefined && rule !== undefined)
    throw wrongUsage(`${optionOf(rule)} has no effect with --api: the service uses its own setting. Leave it out.`);
  if (region.length > 1 || profile.length > 1)
    throw wrongUsage('Give one --region and one --profile: a service runs in one account and Region.');
}

/** Checks the places to search, so that an unset variable or an unknown Region fails before anything is queried. */
function checkPlaces(options: WhoisOptions): void {
  const { region = [], cloudtrail, logGroup } = options;
  for (const one of region) checkRegion(one);
  if (logGroup.length > 0 && cloudtrail === undefined)
    throw wrongUsage('--log-group works only with --cloudtrail: it selects the log groups that count in files.');
  checkFiles(options);
  if (asksService(options) && cloudtrail !== undefined)
    throw wrongUsage('Give only one of --cloudtrail, --api and --table.');
  if (asksService(options)) checkServiceUsage(options);
}

/** Checks options for files. Files on disk need no profile and no Region; paths in S3 do. */
function checkFiles({ region = [], profile = [], cloudtrail, audit, requestPayer }: WhoisOptions): void {
  const isInS3 = [...(cloudtrail ?? []), ...(audit ?? [])].some(isS3Path);
  if (requestPayer === true && !isInS3)
    throw wrongUsage('--request-payer works only with paths in S3: --cloudtrail s3://bucket/prefix.');
  if (isInS3 && profile.length > 1) throw wrongUsage('Give one --profile: all paths in S3 are read with it.');
  if (cloudtrail !== undefined && !isInS3 && region.length + profile.length > 0)
    throw wrongUsage(
      '--cloudtrail reads local files, which need no Region or profile. Leave --region and --profile out.',
    );
}
