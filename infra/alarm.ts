import { METRICS_NAMESPACE, type MetricName } from '../lib/metrics.ts';
import { alarmTopic } from './alerts.ts';
import type { Resource, Value } from './cloudformation.ts';
import type { Deployment } from './deployment.ts';
import { VERSION } from './environment.ts';

/** A CloudWatch alarm. */
export interface Alarm {
  readonly id: string;
  readonly name: string;
  /** The text of the alarm's email: what is wrong, and what to do. The address of its runbook follows. */
  readonly description: string;
  /** Its section in docs/alerts.md, if the section's name differs from the alarm's. */
  readonly section?: string;
  readonly metric?: {
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions: readonly Dimension[];
  };
  /**
   * A query of CloudWatch Metrics Insights instead of one metric (CloudWatch User Guide, "Alarms on Metrics Insights
   * queries").
   */
  readonly query?: string;
  /** Several metrics instead of one. */
  readonly math?: Math;
  /** The statistic. The default is `Sum`. */
  readonly statistic?: Statistic;
  /**
   * The alarm is raised if the value is above this threshold in each of the periods. The defaults are 0 and one period.
   */
  readonly threshold?: number;
  readonly periods?: number;
  /** The length of a period in seconds, if it is not a minute. */
  readonly period?: number;
  readonly missing?: 'notBreaching' | 'breaching' | 'ignore';
}

type Statistic = 'Sum' | 'Maximum';

/** An expression over metrics, which it calls by their IDs. An alarm can have ten metrics (FACTS). */
interface Math {
  readonly expression: string;
  readonly metrics: Readonly<
    Record<string, { readonly metric: NonNullable<Alarm['metric']>; readonly statistic: Statistic }>
  >;
}

/** Returns the sum of several metrics, for an alarm about any of them. A metric without data counts as 0. */
export function sumOf(metrics: readonly NonNullable<Alarm['metric']>[]): Math {
  const each = metrics.map((metric, at) => [`m${at + 1}`, { metric, statistic: 'Sum' }] as const);
  return { expression: 'SUM(FILL(METRICS(), 0))', metrics: Object.fromEntries(each) };
}

interface Dimension {
  readonly Name: string;
  readonly Value: Value;
}

/** Returns the resource of an alarm. */
export function alarmResource(of: Deployment, alarm: Alarm): Resource {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${of.prefix}-${alarm.name}`,
      AlarmDescription: `${alarm.description} Runbook (eks-whois ${VERSION}): ${of.runbooks}#${alarm.section ?? alarm.name}`,
      AlarmActions: [alarmTopic(of)],
      OKActions: [alarmTopic(of)],
      ...watchedBy(alarm),
      Threshold: alarm.threshold ?? 0,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: alarm.periods ?? 1,
      TreatMissingData: alarm.missing ?? 'notBreaching',
    },
  };
}

/** A minute, in seconds. */
const MINUTE = 60;

function watchedBy({ metric, query, math, statistic = 'Sum', period = MINUTE }: Alarm) {
  if (query !== undefined) return { Metrics: [{ Id: 'queried', Expression: query, Period: period, ReturnData: true }] };
  if (math === undefined) return { ...metric, Statistic: statistic, Period: period };
  const metrics = Object.entries(math.metrics).map(([Id, each]) => ({
    Id,
    MetricStat: metricStat(each, period),
    ReturnData: false,
  }));
  return { Metrics: [{ Id: 'all', Expression: math.expression, ReturnData: true }, ...metrics] };
}

function metricStat({ metric, statistic }: Math['metrics'][string], period: number) {
  const { Namespace, MetricName, Dimensions } = metric;
  return { Metric: { Namespace, MetricName, Dimensions: [...Dimensions] }, Period: period, Stat: statistic };
}

/** Returns a metric of AWS with these dimensions. */
export function awsMetric(
  metric: AwsMetric,
  dimensions: Readonly<Record<string, Value>>,
): NonNullable<Alarm['metric']> {
  const named = Object.entries(dimensions).map(([Name, value]) => ({ Name, Value: value }));
  return { Namespace: metric.namespace, MetricName: metric.name, Dimensions: named };
}

/** Returns a metric of the service itself. */
export function ownMetric(of: Deployment, name: MetricName): NonNullable<Alarm['metric']> {
  return { Namespace: METRICS_NAMESPACE, MetricName: name, Dimensions: [{ Name: 'service', Value: of.prefix }] };
}

/**
 * The metrics of AWS that alarms and the dashboard read, with their dimensions
 * (CloudWatch Logs, Lambda, SQS, EventBridge, DynamoDB and API Gateway guides, "Monitoring … with CloudWatch metrics").
 */
export const AWS_METRICS = {
  'AWS/Logs': {
    names: ['DeliveryErrors', 'ForwardedLogEvents'],
    dimensions: ['LogGroupName', 'DestinationType', 'FilterName'],
  },
  'AWS/Lambda': {
    names: ['Errors', 'Invocations', 'Throttles', 'Duration', 'DestinationDeliveryFailures'],
    dimensions: ['FunctionName'],
  },
  'AWS/SQS': {
    names: ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'],
    dimensions: ['QueueName'],
  },
  'AWS/DynamoDB': {
    names: ['ReadThrottleEvents', 'WriteThrottleEvents'],
    dimensions: ['TableName'],
    // The metrics of a table do not include those of its indexes (DynamoDB Developer Guide, "DynamoDB metrics and
    // dimensions").
    ofParts: ['TableName', 'GlobalSecondaryIndexName'],
  },
  'AWS/ApiGateway': { names: ['5xx'], dimensions: ['ApiId'] },
  'AWS/Events': {
    names: ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'],
    dimensions: ['RuleName'],
    // For rules of a bus other than the default one (event-buses.ts).
    ofParts: ['EventBusName', 'RuleName'],
  },
} as const;

type Namespace = keyof typeof AWS_METRICS;

export type AwsMetric = {
  [N in Namespace]: { readonly namespace: N; readonly name: (typeof AWS_METRICS)[N]['names'][number] };
}[Namespace];
