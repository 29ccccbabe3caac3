import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { recognise } from '../../lib/recognise/recognise.ts';
import { DAY, type EpochMillis, formatInstant } from '../../lib/time.ts';
import { CLOCKS_APART } from '../../lib/usecases/query/parameters.ts';
import { callerOfQuestion, WhoisQuestionError } from '../../lib/usecases/query/whois-question.ts';
import type { WhoisQuery } from '../access/service-access.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { checkRegion } from '../options/aws-options.ts';
import { optionOf } from '../options/option-name.ts';
import type { OutputOptions } from '../options/output-options.ts';
import type { RuleOptions } from '../options/rule-options.ts';

export interface WhoisOptions extends WhoisQuery, RuleOptions, OutputOptions<'text' | 'json'> {
  readonly region?: readonly string[];
  readonly profile?: readonly string[];
  readonly cloudtrail?: readonly string[];
  /** Audit events in files, beside `cloudtrail`. */
  readonly audit?: readonly string[];
  readonly logGroup: readonly string[];
  readonly requestPayer?: boolean;
  readonly api?: string;
  readonly table?: string;
  readonly service?: string;
  readonly serviceFrom?: string;
}

/** @throws CommandError naming what is wrong, before anything is asked. */
export function checkUsage(options: WhoisOptions, now: EpochMillis): void {
  checkPlaces(options);
  if (options.audit !== undefined) throw wrongUsage('--audit belongs to what is pasted: eks-whois whois <anything>.');
  const { auditId, at, lookback } = options;
  const whom = whomOf(options);
  if (auditId !== undefined) {
    const [other] = Object.entries({ ...whom, at, lookback }).find(([, value]) => value !== undefined) ?? [];
    if (other !== undefined) throw wrongUsage(`--audit-id says it all: leave ${optionOf(other)} out.`);
    if (asksService(options)) return;
    throw wrongUsage(
      '--audit-id is known to the service only: ask it with --api or --table, or give uid and username.',
    );
  }
  checkTime(options, now);
  if (!namesSomebody(options))
    throw wrongUsage(
      'Whom? Give --uid and --username, --principal, --access-key-id or --audit-id. Or paste what there is, as an argument or on standard input.',
    );
  try {
    callerOfQuestion(options);
  } catch (error) {
    if (!(error instanceof WhoisQuestionError)) throw error;
    throw wrongUsage(`${optionOf(error.parameter)}: ${error.message}`);
  }
}

/** The same, where something was pasted. */
export function checkAnythingUsage(options: WhoisOptions, now: EpochMillis): void {
  checkPlaces(options);
  const { auditId, audit = [], cloudtrail } = options;
  const [other] = Object.entries({ ...whomOf(options), auditId }).find(([, value]) => value !== undefined) ?? [];
  if (other !== undefined) throw wrongUsage(`What was pasted says whom it is about: leave ${optionOf(other)} out.`);
  if (audit.length > 0 && cloudtrail === undefined)
    throw wrongUsage('--audit belongs to --cloudtrail: the grants of the same time name who is behind the events.');
  checkTime(options, now);
}

/** Of options that take several values the last may have been meant to be asked about. @throws CommandError saying so. */
export function checkSwallowed({ cloudtrail = [], audit = [], region = [] }: WhoisOptions): void {
  for (const [option, values] of Object.entries({ cloudtrail, audit, region })) {
    const last = values.at(-1) ?? '';
    const recognised = recognise(last);
    if (values.length < 2 || recognised.outcome !== 'subjects' || recognised.as === 'a name') continue;
    throw wrongUsage(
      `${last} was read as another value of ${optionOf(option)}: give what you ask about in front of the options.`,
    );
  }
}

function whomOf({ uid, username, principal, accessKeyId, sessionName, arn }: WhoisOptions) {
  return { uid, username, principal, accessKeyId, sessionName, arn };
}

/** Whether an option says whom it is about. */
export function namesSomebody(options: WhoisOptions): boolean {
  return Object.values({ ...whomOf(options), auditId: options.auditId }).some((value) => value !== undefined);
}

function asksService({ api, table }: WhoisOptions): boolean {
  return api !== undefined || table !== undefined;
}

/** The service goes by its own clock: on this machine that of the events, which is a day ahead at most. */
function checkTime({ at, api }: WhoisOptions, now: EpochMillis): void {
  if (at === undefined || at <= now + (api === undefined ? CLOCKS_APART : DAY)) return;
  throw wrongUsage(`--at ${formatInstant(at)} lies ahead: give when it happened. Without a zone it is UTC.`);
}

function checkServiceUsage(options: WhoisOptions): void {
  const { api, usernameTemplate, trustedProxy, identityStore, region = [], profile = [] } = options;
  const [rule] =
    Object.entries({ usernameTemplate, trustedProxy, identityStore }).find(([, given]) => given.length > 0) ?? [];
  if (api !== undefined && rule !== undefined)
    throw wrongUsage(`Leave ${optionOf(rule)} out: behind --api the service goes by its own.`);
  if (region.length > 1 || profile.length > 1)
    throw wrongUsage('Give one --region and one --profile: a service is in one place.');
}

/** Where it is asked: an unset variable, or a Region that does not exist, is told before anything is. */
function checkPlaces(options: WhoisOptions): void {
  const { region = [], cloudtrail, logGroup } = options;
  for (const one of region) checkRegion(one);
  if (logGroup.length > 0 && cloudtrail === undefined)
    throw wrongUsage('--log-group belongs to --cloudtrail: it says which log groups count in files.');
  checkFiles(options);
  if (asksService(options) && cloudtrail !== undefined)
    throw wrongUsage('Give --cloudtrail, --api or --table: one of them answers.');
  if (asksService(options)) checkServiceUsage(options);
}

/** Files are asked nowhere; paths in S3 as whom, and in which Region. */
function checkFiles({ region = [], profile = [], cloudtrail, audit, requestPayer }: WhoisOptions): void {
  const isInS3 = [...(cloudtrail ?? []), ...(audit ?? [])].some(isS3Path);
  if (requestPayer === true && !isInS3) throw wrongUsage('--request-payer belongs to --cloudtrail s3://bucket/prefix.');
  if (isInS3 && profile.length > 1) throw wrongUsage('Give one --profile: paths in S3 are read with one.');
  if (cloudtrail !== undefined && !isInS3 && region.length + profile.length > 0)
    throw wrongUsage('--cloudtrail reads files, of whatever Region and account: leave --region and --profile out.');
}
