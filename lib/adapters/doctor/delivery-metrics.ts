import type { MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { logGroupOf } from '../../doctor/audit-log.ts';
import type { Delivery, HourlyCount } from '../../doctor/delivery.ts';
import { epochMillis, HOUR } from '../../time.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, calling, clientSettings } from '../aws/aws-settings.ts';

/** What the results are called, and the metric of each (source: lib/doctor/delivery.ts). */
const METRICS = { errors: 'DeliveryErrors', throttled: 'DeliveryThrottling' } as const;

/**
 * CloudWatch GetMetricData, all pages: what a subscription to a function could not deliver, by hour. CloudWatch keeps
 * hourly values for 455 days (API Reference, GetMetricData); a metric without a value never failed.
 */
export async function deliveryOf(
  settings: AwsSettings,
  cluster: string,
  filter: string,
  from: Date,
  to: Date,
): Promise<Delivery> {
  const { CloudWatchClient, paginateGetMetricData } = await import('@aws-sdk/client-cloudwatch');
  return calling(
    'cloudwatch:GetMetricData',
    settings,
    new CloudWatchClient(clientSettings(settings)),
    async (client) => {
      const found = { errors: [] as HourlyCount[], throttled: [] as HourlyCount[] };
      const input = {
        MetricDataQueries: Object.entries(METRICS).map(([id, metric]) =>
          query(id, metric, logGroupOf(cluster), filter),
        ),
        StartTime: new Date(Math.floor(from.getTime() / HOUR) * HOUR),
        EndTime: to,
        ScanBy: 'TimestampAscending' as const,
      };
      for await (const { MetricDataResults } of paginateGetMetricData({ client, stopOnSameToken: true }, input)) {
        for (const result of MetricDataResults ?? [])
          found[result.Id === 'errors' ? 'errors' : 'throttled'].push(...countsOf(result));
      }
      return { filter, ...found };
    },
  );
}

/** The dimension holds the filter's name in ASCII, "unsupported characters get replaced with a question mark". */
function query(id: string, metric: string, logGroup: string, filter: string): MetricDataQuery {
  const dimensions = { LogGroupName: logGroup, DestinationType: 'Lambda', FilterName: filter.replace(/[^ -~]/gu, '?') };
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: 'AWS/Logs', MetricName: metric, Dimensions };
  return { Id: id, MetricStat: { Metric, Period: HOUR / 1000, Stat: 'Sum' } };
}

function countsOf({ Timestamps = [], Values = [], StatusCode }: MetricDataResult): readonly HourlyCount[] {
  if (StatusCode === 'InternalError' || StatusCode === 'Forbidden')
    throw new AwsError(
      'failed',
      `cloudwatch:GetMetricData did not answer whole (${StatusCode}): try again in a minute.`,
    );
  return Timestamps.flatMap((at, index) => {
    const count = Values[index] ?? 0;
    return count > 0 ? [{ hour: epochMillis(at.getTime()), count }] : [];
  });
}
