import type { MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { type Delivery, type HourlyCount, logGroupOf } from '../../doctor/audit-log.ts';
import { epochMillis, HOUR } from '../../time.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';

/**
 * A metric of the namespace `AWS/Logs`. It is about a log group, or about its subscription to a function. Source:
 * CloudWatch Logs User Guide, "Monitoring with CloudWatch metrics".
 */
export interface LogMetric {
  readonly name: 'IncomingBytes' | 'IncomingLogEvents' | 'ForwardedLogEvents' | 'DeliveryErrors' | 'DeliveryThrottling';
  readonly logGroup: string;
  /** The name of the subscription filter. Absent for a metric of the log group. */
  readonly filter?: string;
}

/** Limits the metrics of one call (CloudWatch API Reference, GetMetricData: "as many as 500 different metrics"). */
const MOST_QUERIES = 500;

/**
 * Calls CloudWatch GetMetricData (all pages) in one Region. Returns the hourly sums of each metric, in the order of the
 * metrics. Hours without a value are left out. CloudWatch keeps hourly values for 455 days (API Reference,
 * GetMetricData).
 */
export async function hourlySums(
  settings: AwsSettings,
  metrics: readonly LogMetric[],
  from: Date,
  to: Date,
): Promise<readonly (readonly HourlyCount[])[]> {
  const { CloudWatchClient, paginateGetMetricData } = await import('@aws-sdk/client-cloudwatch');
  const sums = metrics.map((): HourlyCount[] => []);
  const client = new CloudWatchClient(clientSettings(settings));
  return callAws('cloudwatch:GetMetricData', settings, client, async () => {
    for (let first = 0; first < metrics.length; first += MOST_QUERIES) {
      const input = {
        MetricDataQueries: metrics
          .slice(first, first + MOST_QUERIES)
          .map((metric, at) => query(`m${first + at}`, metric)),
        StartTime: new Date(Math.floor(from.getTime() / HOUR) * HOUR),
        EndTime: to,
        ScanBy: 'TimestampAscending' as const,
      };
      for await (const { MetricDataResults } of paginateGetMetricData({ client, stopOnSameToken: true }, input)) {
        for (const result of MetricDataResults ?? []) sums[Number(result.Id?.slice(1))]?.push(...countsOf(result));
      }
    }
    return sums;
  });
}

/**
 * Returns the query of a metric. Its dimension has the filter's name in ASCII: "unsupported characters get replaced
 * with a question mark".
 */
function query(id: string, { name, logGroup, filter }: LogMetric): MetricDataQuery {
  const ofFilter = filter !== undefined && { DestinationType: 'Lambda', FilterName: filter.replace(/[^ -~]/gu, '?') };
  const dimensions = { LogGroupName: logGroup, ...ofFilter };
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: 'AWS/Logs', MetricName: name, Dimensions };
  return { Id: id, MetricStat: { Metric, Period: HOUR / 1000, Stat: 'Sum' } };
}

function countsOf({ Timestamps = [], Values = [], StatusCode }: MetricDataResult): readonly HourlyCount[] {
  if (StatusCode === 'InternalError' || StatusCode === 'Forbidden')
    throw new AwsError(
      'failed',
      `cloudwatch:GetMetricData returned incomplete data (${StatusCode}): try again in a minute.`,
    );
  return Timestamps.flatMap((at, index) => {
    const count = Values[index] ?? 0;
    return count > 0 ? [{ hour: epochMillis(at.getTime()), count }] : [];
  });
}

/**
 * Returns how many log events a subscription to a function did not deliver, by hour. Source: lib/doctor/audit-log.ts.
 */
export async function deliveryOf(
  settings: AwsSettings,
  cluster: string,
  filter: string,
  from: Date,
  to: Date,
): Promise<Delivery> {
  const of = (name: LogMetric['name']): LogMetric => ({ name, logGroup: logGroupOf(cluster), filter });
  const metrics = [of('DeliveryErrors'), of('DeliveryThrottling')];
  const [errors = [], throttled = []] = await hourlySums(settings, metrics, from, to);
  return { filter, errors, throttled };
}
