import { CLOCKS_APART } from '../../functions/http/whois-request.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { DAY, type EpochMillis, formatInstant } from '../../lib/time.ts';
import { callerOfQuestion, WhoisQuestionError } from '../../lib/usecases/query/whois-question.ts';
import type { WhoisAsked } from '../access/service-pages.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { checkRegion } from '../options/aws-options.ts';
import { optionOf } from '../options/option-name.ts';
import type { OutputOptions } from '../options/output-options.ts';

export interface WhoisOptions extends WhoisAsked, OutputOptions<'text' | 'json'> {
  readonly usernameTemplate: readonly string[];
  readonly region?: readonly string[];
  readonly profile?: readonly string[];
  readonly cloudtrail?: readonly string[];
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
  const asksService = options.api !== undefined || options.table !== undefined;
  if (asksService && options.cloudtrail !== undefined)
    throw wrongUsage('Give --cloudtrail, --api or --table: one of them answers.');
  if (asksService) checkServiceUsage(options);
  const { uid, username, principal, accessKeyId, sessionName, arn, at, lookback } = options;
  const whom = { uid, username, principal, accessKeyId, sessionName, arn };
  if (options.auditId !== undefined) {
    const [other] = Object.entries({ ...whom, at, lookback }).find(([, value]) => value !== undefined) ?? [];
    if (other !== undefined) throw wrongUsage(`--audit-id says it all: leave ${optionOf(other)} out.`);
    if (asksService) return;
    throw wrongUsage(
      '--audit-id is known to the service only: ask it with --api or --table, or give uid and username.',
    );
  }
  // The service goes by its own clock: on this machine that of the events, which is a day ahead at most.
  if (options.at !== undefined && options.at > now + (options.api === undefined ? CLOCKS_APART : DAY))
    throw wrongUsage(`--at ${formatInstant(options.at)} lies ahead: give when it happened. Without a zone it is UTC.`);
  if (Object.values(whom).every((value) => value === undefined))
    throw wrongUsage('Whom? Give --uid and --username, --principal, --access-key-id or --audit-id.');
  try {
    callerOfQuestion(options);
  } catch (error) {
    if (!(error instanceof WhoisQuestionError)) throw error;
    throw wrongUsage(`${optionOf(error.parameter)}: ${error.message}`);
  }
}

function checkServiceUsage({ api, usernameTemplate, region = [], profile = [] }: WhoisOptions): void {
  if (api !== undefined && usernameTemplate.length > 0)
    throw wrongUsage('Leave --username-template out: behind --api the service goes by its own.');
  if (region.length > 1 || profile.length > 1)
    throw wrongUsage('Give one --region and one --profile: a service is in one place.');
}

/** Where it is asked: an unset variable, or a Region that does not exist, is told before anything is. */
function checkPlaces({ region = [], profile = [], cloudtrail, logGroup, requestPayer }: WhoisOptions): void {
  for (const one of region) checkRegion(one);
  if (logGroup.length > 0 && cloudtrail === undefined)
    throw wrongUsage('--log-group belongs to --cloudtrail: it says which log groups count in files.');
  const isInS3 = cloudtrail?.some(isS3Path) === true;
  if (requestPayer === true && !isInS3) throw wrongUsage('--request-payer belongs to --cloudtrail s3://bucket/prefix.');
  if (isInS3 && profile.length > 1) throw wrongUsage('Give one --profile: paths in S3 are read with one.');
  if (cloudtrail !== undefined && !isInS3 && region.length + profile.length > 0)
    throw wrongUsage('--cloudtrail reads files, of whatever Region and account: leave --region and --profile out.');
}
