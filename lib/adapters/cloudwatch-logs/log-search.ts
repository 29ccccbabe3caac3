import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { LogSearch } from '../../ports/histories.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, clientSettings } from '../aws/aws-settings.ts';
import type { AwsErrorKind } from '../aws/error-kinds.ts';
import { filteredPage } from './filtered-page.ts';

/** What keeps one answer from coming, and nothing else from being told. */
const REFUSALS: readonly AwsErrorKind[] = ['denied', 'throttled', 'server', 'unreachable'];

/** A log group that is searched by FilterLogEvents, which was named by this option. */
export function logSearch(
  { logGroup, option, signal }: { readonly logGroup: string; readonly option: string; readonly signal: AbortSignal },
  settings: AwsSettings,
): LogSearch {
  const client = new CloudWatchLogsClient(clientSettings(settings));
  const asked = { logGroup, option, settings, client, signal };
  return {
    logGroup,
    async page({ pattern, ...interval }, token) {
      try {
        return await filteredPage(interval, { filterPattern: pattern }, token, asked);
      } catch (error) {
        if (error instanceof AwsError && REFUSALS.includes(error.kind)) return { refused: error.message };
        throw error;
      }
    },
  };
}
