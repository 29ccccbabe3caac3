import { METRICS_NAMESPACE, type MetricName } from '../lib/metrics.ts';
import { alarmTopic } from './alerts.ts';
import type { Resource, Value } from './cloudformation.ts';
import type { Deployment } from './deployment.ts';

/** What is wrong when it rings, and what to do: the description that the alarm's message carries. */
export interface Alarm {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly metric?: {
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions: readonly Dimension[];
  };
  /** Instead of a metric, of all that fit: CloudWatch Metrics Insights (CloudWatch User Guide, "Alarms on Metrics Insights queries"). */
  readonly query?: string;
  /** `Sum`, where nothing else is said. */
  readonly statistic?: 'Maximum';
  /** Rings above it, in each of the periods: above 0 in one of them, where nothing else is said. */
  readonly threshold?: number;
  /** `hour` for what is missed: it rings where the number is not above the threshold instead. */
  readonly period?: 'minute' | 'hour';
  readonly periods?: number;
  readonly missing?: 'notBreaching' | 'breaching' | 'ignore';
}

interface Dimension {
  readonly Name: string;
  readonly Value: Value;
}

export function alarmResource(of: Deployment, alarm: Alarm): Resource {
  const isHeartbeat = alarm.period === 'hour';
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${of.prefix}-${alarm.name}`,
      AlarmDescription: alarm.description,
      AlarmActions: [alarmTopic(of)],
      OKActions: [alarmTopic(of)],
      ...(alarm.query === undefined ? { ...alarm.metric, Statistic: alarm.statistic ?? 'Sum' } : queried(alarm.query)),
      Threshold: alarm.threshold ?? 0,
      ComparisonOperator: isHeartbeat ? 'LessThanOrEqualToThreshold' : 'GreaterThanThreshold',
      ...(alarm.query === undefined && { Period: isHeartbeat ? 3_600 : 60 }),
      EvaluationPeriods: alarm.periods ?? 1,
      TreatMissingData: alarm.missing ?? 'notBreaching',
    },
  };
}

function queried(query: string) {
  return { Metrics: [{ Id: 'queried', Expression: query, Period: 60, ReturnData: true }] };
}

export function awsMetric(
  metric: AwsMetric,
  dimensions: Readonly<Record<string, Value>>,
): NonNullable<Alarm['metric']> {
  const named = Object.entries(dimensions).map(([Name, value]) => ({ Name, Value: value }));
  return { Namespace: metric.namespace, MetricName: metric.name, Dimensions: named };
}

export function ownMetric(of: Deployment, name: MetricName): NonNullable<Alarm['metric']> {
  return { Namespace: METRICS_NAMESPACE, MetricName: name, Dimensions: [{ Name: 'service', Value: of.prefix }] };
}

/**
 * The metrics of AWS itself that alarms and the dashboard read, with the dimensions that they come with
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
    // An index's are not among its table's (DynamoDB Developer Guide, "DynamoDB metrics and dimensions").
    ofParts: ['TableName', 'GlobalSecondaryIndexName'],
  },
  'AWS/ApiGateway': { names: ['5xx'], dimensions: ['ApiId'] },
  'AWS/Events': { names: ['FailedInvocations', 'MatchedEvents'], dimensions: ['RuleName'] },
} as const;

type Namespace = keyof typeof AWS_METRICS;

export type AwsMetric = {
  [N in Namespace]: { readonly namespace: N; readonly name: (typeof AWS_METRICS)[N]['names'][number] };
}[Namespace];
