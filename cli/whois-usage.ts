import { callerOfQuestion, WhoisQuestionError } from '../lib/pipeline/whois-question.ts';
import { checkRegion } from './aws-options.ts';
import { wrongUsage } from './failure.ts';
import type { ServiceQuestion } from './whois-service.ts';

export interface WhoisOptions extends ServiceQuestion {
  readonly usernameTemplate: readonly string[];
  readonly region?: readonly string[];
  readonly profile?: readonly string[];
  readonly cloudtrail?: readonly string[];
  readonly logGroup: readonly string[];
  readonly api?: string;
  readonly table?: string;
  readonly output: 'text' | 'json';
}

/** @throws CommandFailure naming what is wrong, before anything is asked. */
export function checkUsage(options: WhoisOptions): void {
  checkPlaces(options);
  const asksService = options.api !== undefined || options.table !== undefined;
  if (asksService && options.cloudtrail !== undefined)
    throw wrongUsage('Give --cloudtrail, --api or --table: one of them answers.');
  if (asksService) checkServiceUsage(options);
  if (options.auditId !== undefined) {
    if (asksService) return;
    throw wrongUsage(
      '--audit-id is known to the service only: ask it with --api or --table, or give uid and username.',
    );
  }
  try {
    callerOfQuestion(options);
  } catch (error) {
    if (!(error instanceof WhoisQuestionError)) throw error;
    const flag = `--${error.parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw wrongUsage(`${flag}: ${error.message}`);
  }
}

function checkServiceUsage({ api, usernameTemplate, region = [], profile = [] }: WhoisOptions): void {
  if (api !== undefined && usernameTemplate.length > 0)
    throw wrongUsage('Leave --username-template out: behind --api the service goes by its own.');
  if (region.length > 1 || profile.length > 1)
    throw wrongUsage('Give one --region and one --profile: a service is in one place.');
}

/** Where it is asked: an unset variable, or a Region that does not exist, is told before anything is. */
function checkPlaces({ region = [], profile = [], cloudtrail, logGroup }: WhoisOptions): void {
  for (const one of region) checkRegion(one);
  if (logGroup.length > 0 && cloudtrail === undefined)
    throw wrongUsage('--log-group belongs to --cloudtrail: it says which log groups count in files.');
  if (cloudtrail !== undefined && region.length + profile.length > 0)
    throw wrongUsage('--cloudtrail reads files, of whatever Region and account: leave --region and --profile out.');
}
