import { setTimeout as sleep } from 'node:timers/promises';
import type { ResultField } from '@aws-sdk/client-cloudwatch-logs';
import { PASSING_EVENTS } from '../../cost/account.ts';
import { CUT_ENTRIES, type CutEntries, logGroupOf, readCutEntries } from '../../doctor/audit-log.ts';
import type { Subscription } from '../../doctor/subscription.ts';
import { IMPERSONATIONS, type Impersonation, readImpersonation } from '../../doctor/trusted-proxies.ts';
import { present } from '../../json.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';

/**
 * Calls CloudWatch Logs DescribeSubscriptionFilters for the log group of the cluster. A log group has at most two
 * filters, so one page is enough.
 */
export async function subscriptionsOf(settings: AwsSettings, cluster: string): Promise<readonly Subscription[]> {
  const { CloudWatchLogsClient, DescribeSubscriptionFiltersCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = new CloudWatchLogsClient(clientSettings(settings));
  return callAws('logs:DescribeSubscriptionFilters', settings, client, async () => {
    const { subscriptionFilters: filters = [] } = await client.send(
      new DescribeSubscriptionFiltersCommand({ logGroupName: logGroupOf(cluster) }),
    );
    return filters.map((filter) =>
      present<Subscription>({
        name: filter.filterName ?? '',
        pattern: filter.filterPattern ?? '',
        destination: filter.destinationArn ?? '',
        condition: filter.applyOnTransformedLogs ? 'applied to transformed logs' : filter.fieldSelectionCriteria,
      }),
    );
  });
}

const BETWEEN_POLLS_MS = 500;
const MOST_POLLS = 60;

/** Returns which audit entries were cut. It runs a Logs Insights query, which costs money for each GB that it scans. */
export async function cutEntries(
  settings: AwsSettings,
  cluster: string,
  from: Date,
  to: Date,
): Promise<readonly CutEntries[]> {
  return (await insights(settings, { cluster, from, to, query: CUT_ENTRIES })).map(readCutEntries);
}

/** Returns who impersonated people. It runs a Logs Insights query, as `cutEntries` does. */
export async function impersonationsOf(
  settings: AwsSettings,
  cluster: string,
  from: Date,
  to: Date,
): Promise<readonly Impersonation[]> {
  const rows = await insights(settings, { cluster, from, to, query: IMPERSONATIONS });
  return rows.map((row) => readImpersonation(row, cluster));
}

/**
 * Returns how many events the service's filter would let through. It runs a Logs Insights query, as `cutEntries` does.
 */
export async function passingEvents(settings: AwsSettings, cluster: string, from: Date, to: Date): Promise<number> {
  const [row] = await insights(settings, { cluster, from, to, query: PASSING_EVENTS });
  return Number(row?.get('events') ?? 0);
}

interface InsightsQuestion {
  readonly cluster: string;
  readonly from: Date;
  readonly to: Date;
  readonly query: string;
}

/** Returns the rows of a Logs Insights query, each as an object of values by field. */
async function insights(
  settings: AwsSettings,
  { cluster, from, to, query }: InsightsQuestion,
): Promise<readonly ReadonlyMap<string, string>[]> {
  const { CloudWatchLogsClient, GetQueryResultsCommand, StartQueryCommand } = await import(
    '@aws-sdk/client-cloudwatch-logs'
  );
  const client = new CloudWatchLogsClient(clientSettings(settings));
  return callAws('logs:StartQuery', settings, client, async () => {
    const { queryId } = await client.send(
      new StartQueryCommand({
        logGroupName: logGroupOf(cluster),
        startTime: Math.floor(from.getTime() / 1000),
        endTime: Math.floor(to.getTime() / 1000),
        queryString: query,
      }),
    );
    for (let poll = 0; poll < MOST_POLLS; poll += 1) {
      const { status, results = [] } = await client.send(new GetQueryResultsCommand({ queryId }));
      if (status === 'Complete') return results.map(byField);
      if (status !== 'Running' && status !== 'Scheduled') break;
      await sleep(BETWEEN_POLLS_MS);
    }
    throw new AwsError('failed', `The Logs Insights query on ${logGroupOf(cluster)} did not finish: try fewer --days.`);
  });
}

function byField(row: readonly ResultField[]): ReadonlyMap<string, string> {
  return new Map(row.map(({ field = '', value = '' }) => [field, value]));
}
