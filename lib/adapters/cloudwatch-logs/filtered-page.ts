import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { JsonObject } from '../../json.ts';
import type { LogHistory, LogPage, LogSearch, TimeInterval } from '../../ports/histories.ts';
import { AwsError, asAwsError } from '../aws/aws-error.ts';
import { type AwsSettings, clientSettings } from '../aws/aws-settings.ts';
import type { AwsErrorKind } from '../aws/error-kinds.ts';

/** A log group, and the credentials for reading it. */
export interface LogGroupQuery {
  readonly logGroup: string;
  /** The command-line option that names the log group. */
  readonly option: string;
  readonly settings: AwsSettings;
  readonly client: CloudWatchLogsClient;
  readonly signal: AbortSignal;
  /** The account to which the log group belongs, if it is known. */
  readonly owner?: string | undefined;
}

const ACTION = 'logs:FilterLogEvents';

/**
 * Reads one page of FilterLogEvents. Also an empty page can have a next one.
 * @throws AwsError with a sentence for a person, or the signal's reason.
 */
async function filteredPage(
  { from, to }: TimeInterval,
  filter: Pick<FilterLogEventsCommandInput, 'logStreamNamePrefix' | 'filterPattern'>,
  nextToken: string | undefined,
  query: LogGroupQuery,
): Promise<LogPage> {
  const { logGroup, client, signal } = query;
  const command = new FilterLogEventsCommand({
    logGroupName: logGroup,
    ...filter,
    startTime: Math.floor(from),
    endTime: Math.ceil(to),
    ...(nextToken !== undefined && { nextToken }),
  });
  try {
    const answer = await client.send(command, { abortSignal: signal });
    return { payloads: payloadsOf(query, answer.events ?? []), nextToken: answer.nextToken };
  } catch (error) {
    signal.throwIfAborted();
    throw await faultOf(error, query);
  }
}

/** Returns the events in the form in which a subscription delivers them, so that the same code reads both. */
function payloadsOf({ logGroup, owner }: LogGroupQuery, events: readonly FilteredLogEvent[]): JsonObject[] {
  const streams = Map.groupBy(events, ({ logStreamName }) => logStreamName);
  return [...streams].map(([logStream, logEvents]) => ({
    messageType: 'DATA_MESSAGE',
    ...(owner !== undefined && { owner }),
    logGroup,
    logStream,
    logEvents: logEvents.map(({ eventId, timestamp, message }) => ({ id: eventId, timestamp, message })),
  }));
}

async function faultOf(error: unknown, { logGroup, option, settings, client }: LogGroupQuery): Promise<AwsError> {
  const { profile } = settings;
  const where = await regionOf({ settings, client });
  const fault = asAwsError(error, { action: ACTION, profile, region: where });
  if (fault.kind !== 'not-found') return fault;
  const sentence = `There is no log group ${logGroup} in ${where}: check ${option}, AWS_REGION and --profile.`;
  return new AwsError('not-found', sentence, { cause: error });
}

/** Returns the Region that receives the requests. The SDK may have found it in the environment or in a profile. */
async function regionOf({ settings, client }: Pick<LogGroupQuery, 'settings' | 'client'>): Promise<string | undefined> {
  return settings.region ?? client.config.region().catch(() => undefined);
}

export interface LogGroupRead {
  readonly logGroup: string;
  /** The prefix of the streams to read. The audit log shares its log group with other logs of the control plane. */
  readonly streamPrefix: string;
  readonly signal: AbortSignal;
  /** The account to which the log group belongs, if it is known. */
  readonly owner?: string | undefined;
}

/**
 * Returns the history of a log group, which is read with FilterLogEvents. It throws AwsError with a sentence for a
 * person.
 */
export function logHistory({ logGroup, streamPrefix, signal, owner }: LogGroupRead, settings: AwsSettings): LogHistory {
  const client = new CloudWatchLogsClient(clientSettings(settings));
  const query = { logGroup, option: '--log-group', settings, client, signal, owner };
  return {
    logGroup,
    streamPrefix,
    region: () => regionOf(query),
    page: (interval, token) => filteredPage(interval, { logStreamNamePrefix: streamPrefix }, token, query),
  };
}

/** The kinds of errors after which only one page is missing. The rest of the answer can be given. */
const REFUSALS: readonly AwsErrorKind[] = ['denied', 'throttled', 'server', 'unreachable'];

/**
 * Returns a search in a log group with FilterLogEvents.
 * @param logs names the log group and the option that errors mention.
 */
export function logSearch(
  { logGroup, option, signal }: { readonly logGroup: string; readonly option: string; readonly signal: AbortSignal },
  settings: AwsSettings,
): LogSearch {
  const client = new CloudWatchLogsClient(clientSettings(settings));
  const query = { logGroup, option, settings, client, signal };
  return {
    logGroup,
    async page({ pattern, ...interval }, token) {
      try {
        return await filteredPage(interval, { filterPattern: pattern }, token, query);
      } catch (error) {
        if (error instanceof AwsError && REFUSALS.includes(error.kind)) return { refused: error.message };
        throw error;
      }
    },
  };
}
