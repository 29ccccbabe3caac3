import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import { passingEvents } from '../../lib/adapters/doctor/log-groups.ts';
import { hourlySums, type LogMetric } from '../../lib/adapters/doctor/metric-data.ts';
import { type AccountCost, accountCost, type LogVolume, logVolume } from '../../lib/cost/account.ts';
import { logGroupOf } from '../../lib/doctor/audit-log.ts';
import { DAY, epochMillis, HOUR } from '../../lib/time.ts';
import type { AccountQuestion, FindingCollector, KnownLogGroup } from './finding-collector.ts';

/**
 * Estimates what the service would cost for the log groups that were found. One call of GetMetricData a Region has the
 * metrics of all its groups. A failure here does not affect the findings, and does not count as a failed check.
 */
export async function estimateCost(question: AccountQuestion, to: FindingCollector): Promise<AccountCost | undefined> {
  const volumes: LogVolume[] = [];
  for (const [region, groups] of Map.groupBy(to.logGroups, (group) => group.region)) {
    const check = `what the service would cost for the clusters of ${region}`;
    to.look(check);
    try {
      volumes.push(...(await volumesOf(region, groups, question, to)));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      to.aside(check, 'cloudwatch:GetMetricData', error);
    }
  }
  return accountCost(volumes, question.days);
}

async function volumesOf(
  region: string,
  groups: readonly KnownLogGroup[],
  { settings, days, now, countEvents }: AccountQuestion,
  to: FindingCollector,
): Promise<readonly LogVolume[]> {
  const there = { ...settings, region };
  const metrics = groups.map(metricsOf);
  const until = epochMillis(Math.floor(now / HOUR) * HOUR); // an hour that is not over would count as a full one
  const sums = [...(await hourlySums(there, metrics.flat(), new Date(until - days * DAY), new Date(until)))];
  const volumes: LogVolume[] = [];
  for (const { cluster, filters } of groups) {
    const [bytes = [], events = [], ...forwarded] = sums.splice(0, 2 + filters.length);
    const hasCounts = forwarded.some((counts) => counts.length > 0);
    const counted = countEvents && !hasCounts && bytes.length > 0 ? await countIn(there, cluster, now, to) : undefined;
    const volume = logVolume({ cluster, region, bytes, events, forwarded, counted }, until);
    if (volume !== undefined) volumes.push(volume);
    else to.unchecked.push(uncounted(cluster, region, days));
  }
  return volumes;
}

function metricsOf({ cluster, filters }: KnownLogGroup): readonly LogMetric[] {
  const logGroup = logGroupOf(cluster);
  return [
    { name: 'IncomingBytes', logGroup },
    { name: 'IncomingLogEvents', logGroup },
    ...filters.map((filter): LogMetric => ({ name: 'ForwardedLogEvents', logGroup, filter })),
  ];
}

async function countIn(
  there: AccountQuestion['settings'],
  cluster: string,
  now: number,
  to: FindingCollector,
): Promise<number | undefined> {
  const check = `how many events of cluster ${cluster} (${there.region}) would pass the filter`;
  to.look(check);
  try {
    return await passingEvents(there, cluster, new Date(now - DAY), new Date(now));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    to.aside(check, 'logs:StartQuery, logs:GetQueryResults', error);
    return undefined;
  }
}

function uncounted(cluster: string, region: string, days: number) {
  const reason = `CloudWatch counted no IncomingBytes of ${logGroupOf(cluster)} within ${days} days`;
  return { check: `what the service would cost for cluster ${cluster} (${region})`, reason, failed: false };
}
