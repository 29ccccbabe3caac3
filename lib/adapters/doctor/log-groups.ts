import { setTimeout as sleep } from 'node:timers/promises';
import { CUT_ENTRIES, logGroupOf } from '../../doctor/audit-log.ts';
import { AwsFault } from '../eks/aws-fault.ts';
import { type AwsSettings, calling, clientSettings } from '../eks/aws-settings.ts';

/** CloudWatch Logs DescribeSubscriptionFilters of the cluster's log group. */
export async function subscriptionFilters(
  settings: AwsSettings,
  cluster: string,
): Promise<readonly { readonly name: string }[]> {
  const { CloudWatchLogsClient, DescribeSubscriptionFiltersCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = new CloudWatchLogsClient(clientSettings(settings));
  return calling('logs:DescribeSubscriptionFilters', settings, client, async () => {
    const { subscriptionFilters: filters = [] } = await client.send(
      new DescribeSubscriptionFiltersCommand({ logGroupName: logGroupOf(cluster) }),
    );
    return filters.map(({ filterName }) => ({ name: filterName ?? '' }));
  });
}

const BETWEEN_POLLS_MS = 500;
const MOST_POLLS = 60;

/** How many audit entries were cut: a Logs Insights query, which costs by the GB that it reads. */
export async function cutEntries(settings: AwsSettings, cluster: string, from: Date, to: Date): Promise<number> {
  const { CloudWatchLogsClient, GetQueryResultsCommand, StartQueryCommand } = await import(
    '@aws-sdk/client-cloudwatch-logs'
  );
  const client = new CloudWatchLogsClient(clientSettings(settings));
  return calling('logs:StartQuery', settings, client, async () => {
    const { queryId } = await client.send(
      new StartQueryCommand({
        logGroupName: logGroupOf(cluster),
        startTime: Math.floor(from.getTime() / 1000),
        endTime: Math.floor(to.getTime() / 1000),
        queryString: `${CUT_ENTRIES} | stats count(*) as cut`,
      }),
    );
    for (let poll = 0; poll < MOST_POLLS; poll += 1) {
      const { status, results = [] } = await client.send(new GetQueryResultsCommand({ queryId }));
      if (status === 'Complete') return Number(results[0]?.find(({ field }) => field === 'cut')?.value ?? 0);
      if (status !== 'Running' && status !== 'Scheduled') break;
      await sleep(BETWEEN_POLLS_MS);
    }
    throw new AwsFault('failed', `The Logs Insights query on ${logGroupOf(cluster)} did not end: try fewer --days.`);
  });
}
