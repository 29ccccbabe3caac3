import type { LookupReport } from '../../lib/adapters/cloudtrail/lookup-report.ts';
import type { LookupScope } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import type { LookupSettings, LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { LONGEST_CREDENTIALS } from '../../lib/cloudtrail/grant.ts';
import { present } from '../../lib/json.ts';
import { type EpochMillis, epochMillis, formatInstant, HOUR } from '../../lib/time.ts';
import type { SearchedAnswer } from '../../lib/usecases/deciding/ask.ts';
import { isShortLookback, markIncomplete } from '../../lib/usecases/query/doubt.ts';
import { CommandError } from '../failures/command-error.ts';
import { awsSettings } from '../options/aws-options.ts';
import { EVENT_HISTORY } from '../options/event-history.ts';
import type { WhoisOptions } from './usage.ts';

/**
 * The default lookback, in milliseconds. `anyTime` is for a question without a time: any grant issued within it counts
 * (CONTRACT). `atTime` covers every session that can still be valid at the given time.
 */
const DEFAULT_LOOKBACK = { anyTime: 24 * HOUR, atTime: LONGEST_CREDENTIALS };

/** CloudTrail event history, with the source that queries it. */
export interface History {
  readonly source: LookupSource;
  readonly scopes: readonly LookupScope[];
  readonly settings: LookupSettings;
}

/** Returns the event history. Without `--lookback`, `options.at` decides how far it looks back. */
export async function history(
  options: HistoryOptions,
  attribution: AttributionSettings,
  signal: AbortSignal,
): Promise<History> {
  const { cloudTrailScopes, everyAccountsRegions } = await import('../../lib/adapters/cloudtrail/sdk.ts');
  const { Connections } = await import('../../lib/adapters/cloudtrail/connections.ts');
  const { LookupSource: Source } = await import('../../lib/adapters/cloudtrail/lookup-source.ts');
  const { realTimer } = await import('../../lib/adapters/cloudtrail/pacer.ts');
  const pace = { waiting: realTimer, requestsPerSecond: 2, connections: new Connections() };
  const scopesOf = async (profile: string | undefined) => {
    const own = awsSettings(present<{ profile?: string }>({ profile })).region;
    const regions = options.region ?? (await everyAccountsRegions({ profile, region: own }));
    return cloudTrailScopes(profile, regions, pace);
  };
  const scopes = await Promise.all((options.profile ?? [undefined]).map(scopesOf));
  const settings: LookupSettings = {
    scopes: scopes.flat(),
    attribution,
    lookback: options.lookback ?? (options.at === undefined ? DEFAULT_LOOKBACK.anyTime : DEFAULT_LOOKBACK.atTime),
    now: () => epochMillis(Date.now()),
    waiting: realTimer,
    signal,
  };
  return { source: new Source(settings), scopes: settings.scopes, settings };
}

type HistoryOptions = Pick<WhoisOptions, 'region' | 'profile' | 'at' | 'lookback'>;

/**
 * Checks that the event history covers the time. Otherwise CloudTrail would return nothing, which would look like an
 * unidentified caller.
 * @throws CommandError if the time is earlier than the event history.
 */
export function checkHistory(at: EpochMillis | undefined): void {
  const now = Date.now();
  if (at !== undefined && at < now - EVENT_HISTORY) {
    const limit = `CloudTrail event history covers 90 days, and ${formatInstant(at)} is earlier`;
    throw new CommandError(`${limit}. Give the trail's files with --cloudtrail, or ask the service.`, 1);
  }
}

export function withDoubt(
  answer: SearchedAnswer,
  { failures, cutShort }: LookupReport,
  { at, lookback }: HistoryOptions,
): SearchedAnswer {
  const isComplete = failures.size + cutShort.size === 0 && !isShortLookback(lookback, at ?? 'any');
  return isComplete ? answer : markIncomplete(answer);
}

export function reportText(
  { requests, failures, cutShort, scopes, notSearched }: LookupReport,
  { at, lookback }: HistoryOptions,
): string {
  const wasNotQueried = requests === 0 && failures.size === 0;
  const places = `${scopes.length - failures.size} of ${scopes.length} account and Region pairs`;
  const lines = [
    wasNotQueried
      ? 'CloudTrail was not queried: it cannot be searched by this'
      : `${requests} LookupEvents requests in ${places}`,
  ];
  for (const [scope, failure] of failures) lines.push(`  ${scope} did not answer: ${failure.message}`);
  for (const scope of cutShort)
    lines.push(`  ${scope} has more events than were read: narrow the search with --at and --lookback`);
  if (isShortLookback(lookback, at ?? 'any'))
    lines.push('  a session can have started before the --lookback period: use a longer --lookback to be sure');
  if (notSearched > 0) {
    lines.push(
      `  ${notSearched} spellings of the session name (@ in place of -) were not searched: give --access-key-id or --principal`,
    );
  }
  return `${lines.join('\n')}\n`;
}
