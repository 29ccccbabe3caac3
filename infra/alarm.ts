import { METRICS_NAMESPACE, type MetricName } from '../lib/metrics.ts';
import { alarmTopic } from './alerts.ts';
import type { AwsMetric } from './aws-metrics.ts';
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
  readonly statistic: 'Sum' | 'Maximum';
  /** Rings above it, in each of the periods. */
  readonly threshold: number;
  /** `hour` for what is missed: it rings where the number is not above the threshold instead. */
  readonly period?: 'minute' | 'hour';
  readonly periods: number;
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
      ...(alarm.query === undefined ? { ...alarm.metric, Statistic: alarm.statistic } : queried(alarm.query)),
      Threshold: alarm.threshold,
      ComparisonOperator: isHeartbeat ? 'LessThanOrEqualToThreshold' : 'GreaterThanThreshold',
      ...(alarm.query === undefined && { Period: isHeartbeat ? 3_600 : 60 }),
      EvaluationPeriods: alarm.periods,
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
