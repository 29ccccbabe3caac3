import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { LogHistory } from '../../ports/histories.ts';
import { type AwsSettings, clientSettings } from '../aws/aws-settings.ts';
import { filteredPage } from './filtered-page.ts';

export interface LogGroupRead {
  readonly logGroup: string;
  /** Which streams: the audit log's share the group with the control plane's others. */
  readonly streamPrefix: string;
  readonly signal: AbortSignal;
}

/** A log group by FilterLogEvents. What goes wrong is an AwsError with a sentence for a person. */
export function logHistory({ logGroup, streamPrefix, signal }: LogGroupRead, settings: AwsSettings): LogHistory {
  const client = new CloudWatchLogsClient(clientSettings(settings));
  const asking = { logGroup, option: '--log-group', settings, client, signal };
  return {
    logGroup,
    streamPrefix,
    page: (interval, token) => filteredPage(interval, { logStreamNamePrefix: streamPrefix }, token, asking),
  };
}
