import { CloudWatchLogsClient, type FilteredLogEvent, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { JsonObject } from '../../json.ts';
import type { LogHistory } from '../../ports/histories.ts';
import { AwsError, asAwsError } from '../aws/aws-error.ts';
import { type AwsSettings, clientSettings } from '../aws/aws-settings.ts';

export interface LogGroupRead {
  readonly logGroup: string;
  /** Which streams: the audit log's share the group with the control plane's others. */
  readonly streamPrefix: string;
  readonly signal: AbortSignal;
}

const ACTION = 'logs:FilterLogEvents';

/** A log group by FilterLogEvents. What goes wrong is an AwsError with a sentence for a person. */
export function logHistory({ logGroup, streamPrefix, signal }: LogGroupRead, settings: AwsSettings): LogHistory {
  const client = new CloudWatchLogsClient(clientSettings(settings));
  return {
    logGroup,
    streamPrefix,
    async page({ from, to }, nextToken) {
      const command = new FilterLogEventsCommand({
        logGroupName: logGroup,
        logStreamNamePrefix: streamPrefix,
        startTime: Math.floor(from),
        endTime: Math.ceil(to),
        ...(nextToken !== undefined && { nextToken }),
      });
      try {
        const answer = await client.send(command, { abortSignal: signal });
        return { payloads: payloadsOf(logGroup, answer.events ?? []), nextToken: answer.nextToken };
      } catch (error) {
        signal.throwIfAborted();
        throw await faultOf(error, logGroup, settings, client);
      }
    },
  };
}

/** As a subscription delivers them, so that the same code reads both. */
function payloadsOf(logGroup: string, events: readonly FilteredLogEvent[]): JsonObject[] {
  const streams = Map.groupBy(events, ({ logStreamName }) => logStreamName);
  return [...streams].map(([logStream, logEvents]) => ({
    messageType: 'DATA_MESSAGE',
    logGroup,
    logStream,
    logEvents: logEvents.map(({ eventId, timestamp, message }) => ({ id: eventId, timestamp, message })),
  }));
}

async function faultOf(
  error: unknown,
  logGroup: string,
  { profile, region }: AwsSettings,
  client: CloudWatchLogsClient,
): Promise<AwsError> {
  const where = region ?? (await client.config.region().catch(() => undefined));
  const fault = asAwsError(error, { action: ACTION, profile, region: where });
  if (fault.kind !== 'not-found') return fault;
  const sentence = `There is no log group ${logGroup} in ${where}: check --log-group, AWS_REGION and --profile.`;
  return new AwsError('not-found', sentence, { cause: error });
}
