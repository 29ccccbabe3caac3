import { METRICS_NAMESPACE, type MetricName } from '../lib/metrics.ts';
import type { AwsMetric } from './aws-metrics.ts';
import { logicalName, type Resource, type Resources, ref, type Value } from './cloudformation.ts';
import { type Deployment, functionName, functionsOf } from './deployment.ts';
import { deadLetterName, queuesOf } from './queues.ts';
import { STS_RULES, takesEvents } from './sts-rules.ts';
import { subscriptionsOf } from './subscriptions.ts';

/** What is wrong when it rings, and what to do: the description that the alarm's message carries. */
interface Alarm {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly metric: {
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions: readonly Dimension[];
  };
  readonly statistic: 'Sum' | 'Maximum';
  /** Rings above it. */
  readonly threshold: number;
  readonly minutes: number;
  readonly missing?: 'notBreaching' | 'breaching' | 'ignore';
}

interface Dimension {
  readonly Name: string;
  readonly Value: Value;
}

export function alarmResources(of: Deployment): Resources {
  const alarms = [
    ...subscriptionAlarms(of),
    ...functionAlarms(of),
    ...queueAlarms(of),
    ...ruleAlarms(of),
    ...settleAlarms(of),
  ];
  return Object.fromEntries(alarms.map((alarm) => [`${alarm.id}Alarm`, resourceOf(of, alarm)]));
}

function resourceOf(of: Deployment, alarm: Alarm): Resource {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${of.prefix}-${alarm.name}`,
      AlarmDescription: alarm.description,
      AlarmActions: [ref('Alarms')],
      OKActions: [ref('Alarms')],
      ...alarm.metric,
      Statistic: alarm.statistic,
      Threshold: alarm.threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      Period: 60,
      EvaluationPeriods: alarm.minutes,
      TreatMissingData: alarm.missing ?? 'notBreaching',
    },
  };
}

function subscriptionAlarms(of: Deployment): Alarm[] {
  return subscriptionsOf(of).map(({ logicalId, logGroup, filterName }) => ({
    id: logicalId,
    name: `not-delivered-${logicalName(logGroup)}`,
    description: `CloudWatch Logs could not hand events of ${logGroup} to the function, and skips them for good: backfill from the log group (docs/deploy.md).`,
    metric: aws(
      { namespace: 'AWS/Logs', name: 'DeliveryErrors' },
      { LogGroupName: logGroup, DestinationType: 'Lambda', FilterName: filterName },
    ),
    statistic: 'Sum',
    threshold: 0,
    minutes: 1,
  }));
}

function functionAlarms(of: Deployment): Alarm[] {
  const failing = functionsOf(of).map((name): Alarm => {
    const metric = aws({ namespace: 'AWS/Lambda', name: 'Errors' }, { FunctionName: functionName(of, name) });
    const description = `${functionName(of, name)} fails: its log group says why. Lambda and SQS try again by themselves.`;
    return {
      id: `${name}Errors`,
      name: `${name}-errors`,
      description,
      metric,
      statistic: 'Sum',
      threshold: 0,
      minutes: 3,
    };
  });
  return [...failing, ...lossAlarms(of)];
}

/** Where Lambda could not keep what a function failed on, which is then nowhere but in the log group. */
function lossAlarms(of: Deployment): Alarm[] {
  const kept = queuesOf(of).filter(({ from }) => from === 'lambda');
  return kept.map(({ to, title, name }) => ({
    id: to === 'ingest' ? 'DestinationDelivery' : 'GrantsDestinationDelivery',
    name: `${title}-lost`,
    description: `A batch that ${to} failed on could not be put into ${name}: backfill from the log group (docs/deploy.md).`,
    metric: aws(
      { namespace: 'AWS/Lambda', name: 'DestinationDeliveryFailures' },
      { FunctionName: functionName(of, to) },
    ),
    statistic: 'Sum',
    threshold: 0,
    minutes: 1,
  }));
}

function queueAlarms(of: Deployment): Alarm[] {
  return queuesOf(of).map((queue) => ({
    id: queue.deadLetterId,
    name: `${queue.title}-dead-letters`,
    description: `${deadLetterName(queue)} holds messages that ${queue.to} failed on again and again: mend the cause, then move them back to ${queue.name} (docs/deploy.md, "Update").`,
    metric: aws(
      { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible' },
      { QueueName: deadLetterName(queue) },
    ),
    statistic: 'Maximum',
    threshold: 0,
    minutes: 1,
  }));
}

function ruleAlarms(of: Deployment): Alarm[] {
  if (!takesEvents(of)) return [];
  const metric = aws(
    { namespace: 'AWS/Events', name: 'FailedInvocations' },
    { RuleName: `${of.prefix}-${STS_RULES.StsRule}` },
  );
  const description =
    'EventBridge could not hand STS events to the queue of grants. settle finds these grants by look-ups, later.';
  return [{ id: 'StsRule', name: 'sts-events-lost', description, metric, statistic: 'Sum', threshold: 0, minutes: 1 }];
}

/** An hour overdue: settle does not keep up, or does not run. */
const LATE_SECONDS = 3_600;

function settleAlarms(of: Deployment): Alarm[] {
  if (!functionsOf(of).includes('settle')) return [];
  const late: Alarm = {
    id: 'SettleLate',
    name: 'settle-late',
    description:
      'A claim is an hour overdue, or held back for so long by look-ups that fail, or settle does not run: see its log group, and LookupsThrottled on the dashboard.',
    metric: own(of, 'OldestOpenClaim'),
    statistic: 'Maximum',
    threshold: LATE_SECONDS,
    minutes: 5,
    missing: 'breaching',
  };
  const unattributed: Alarm = {
    id: 'ManyUnattributed',
    name: 'many-unattributed',
    description:
      'More claims than usual ended with nobody named: `eks-whois sessions --status unattributed` lists them, `eks-whois doctor` says what hides callers.',
    metric: own(of, 'ClaimsUnattributed'),
    statistic: 'Sum',
    threshold: of.alarmUnattributed,
    minutes: 1,
  };
  const unanswered: Alarm = {
    id: 'LookupsFailed',
    name: 'look-ups-failed',
    description:
      'CloudTrail did not answer in an account or Region; the log group of settle says where and why. Answers become final without it: mend the permission, or leave the Region out of `regions` (docs/deploy.md).',
    metric: own(of, 'LookupsFailed'),
    statistic: 'Maximum',
    threshold: 0,
    minutes: 1,
    missing: 'ignore', // a minute without a look-up neither raises it nor ends it
  };
  return [late, unattributed, unanswered];
}

function aws(metric: AwsMetric, dimensions: Readonly<Record<string, string>>): Alarm['metric'] {
  const named = Object.entries(dimensions).map(([Name, value]) => ({ Name, Value: value }));
  return { Namespace: metric.namespace, MetricName: metric.name, Dimensions: named };
}

function own(of: Deployment, name: MetricName): Alarm['metric'] {
  return { Namespace: METRICS_NAMESPACE, MetricName: name, Dimensions: [{ Name: 'service', Value: of.prefix }] };
}
