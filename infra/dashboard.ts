import { METRICS_NAMESPACE, type MetricName } from '../lib/metrics.ts';
import type { AwsMetric } from './alarm.ts';
import { type Resources, type Substitution, sub } from './cloudformation.ts';
import { type Deployment, functionName, functionsOf } from './deployment.ts';
import { deadLetterName } from './queue-names.ts';
import { queuesOf } from './queues.ts';
import { subscriptionsOf } from './subscriptions.ts';

type Statistic = 'Sum' | 'Maximum' | 'p50' | 'p99';

interface Graph {
  readonly title: string;
  readonly statistic: Statistic;
  /** Namespace, name, then dimensions and their values in turn, as in a dashboard's body. */
  readonly metrics: readonly (readonly string[])[];
}

/**
 * Returns the hub's dashboard. Its graphs follow an audit event from the log group to the answer, left to right and top
 * to bottom. A spoke has no dashboard, because each would cost three dollars a month (docs/decisions/0048).
 * `eks-whois fleet` shows the spokes.
 */
export function dashboardResources(of: Deployment): Resources {
  if (of.stack !== 'hub') return {};
  const graphs = [...arrival(of), ...answers(of), ...operation(of)];
  const body = JSON.stringify({ widgets: graphs.map(widget) });
  return {
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: { DashboardName: dashboardName(of), DashboardBody: sub(body) },
    },
  };
}

/**
 * Returns the dashboard's name. Dashboards are global (FACTS), so the Region in the name lets one stage run in several
 * Regions.
 */
export function dashboardName(of: Deployment): Substitution {
  return sub(`${of.prefix}-\${AWS::Region}`);
}

const WIDTH = 8;
const HEIGHT = 6;
const PER_ROW = 3;

function widget({ title, statistic, metrics }: Graph, index: number) {
  return {
    type: 'metric',
    x: (index % PER_ROW) * WIDTH,
    y: Math.floor(index / PER_ROW) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
    properties: { title, stat: statistic, period: 60, region: '${AWS::Region}', view: 'timeSeries', metrics },
  };
}

function arrival(of: Deployment): Graph[] {
  const forwarded = subscriptionsOf(of).map(({ logGroup, filterName }) =>
    aws(
      { namespace: 'AWS/Logs', name: 'ForwardedLogEvents' },
      { LogGroupName: logGroup, DestinationType: 'Lambda', FilterName: filterName },
    ),
  );
  return [
    ...(forwarded.length === 0 ? [] : [graph('Log events delivered, by log group', 'Sum', forwarded)]),
    graph(
      'Audit events',
      'Sum',
      own(of, 'EventsReceived', 'EventsRecorded', 'EventsDuplicate', 'EventsRejected', 'EventsOmitted'),
    ),
    graph('Age of batches (ms)', 'Maximum', own(of, 'BatchAge')),
  ];
}

function answers(of: Deployment): Graph[] {
  return [
    graph(
      'Records by status',
      'Sum',
      own(of, 'Attributed', 'Partial', 'Ambiguous', 'Unattributed', 'Pending', 'System'),
    ),
    graph('From audit event to final answer (ms)', 'p99', own(of, 'AttributionLag')),
    graph('Claims', 'Maximum', own(of, 'ClaimsOpen', 'OldestOpenClaim')),
    graph('Claims settled', 'Sum', own(of, 'ClaimsSettled', 'ClaimsUnattributed', 'RecordsCorrected')),
    graph('Alerts', 'Sum', own(of, 'AlertsSent', 'AlertsHeld', 'AlertDigestsSent')),
    graph('Grants', 'Sum', own(of, 'GrantsStored', 'UsesStored', 'TrailRecordsRejected')),
    graph('Look-ups', 'Sum', own(of, 'LookupsMade', 'LookupsThrottled', 'LookupsFailed')),
    graph('Questions to the API', 'Sum', own(of, 'QuestionsAnswered', 'QuestionsRefused', 'QuestionsFailed')),
  ];
}

function operation(of: Deployment): Graph[] {
  const ofFunctions = (name: 'Errors' | 'Throttles' | 'Duration') =>
    functionsOf(of).map((each) => aws({ namespace: 'AWS/Lambda', name }, { FunctionName: functionName(of, each) }));
  const visible = { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible' } as const;
  const waiting = queuesOf(of).flatMap((queue) => [
    aws(visible, { QueueName: queue.name }),
    aws(visible, { QueueName: deadLetterName(queue.name) }),
  ]);
  return [
    graph('Errors, by function', 'Sum', ofFunctions('Errors')),
    graph('Duration, by function (ms)', 'p99', ofFunctions('Duration')),
    graph('Throttles, by function', 'Sum', ofFunctions('Throttles')),
    graph('Waiting messages, by queue', 'Maximum', waiting),
  ];
}

function graph(title: string, statistic: Statistic, metrics: Graph['metrics']): Graph {
  return { title, statistic, metrics };
}

function own(of: Deployment, ...names: readonly MetricName[]): string[][] {
  return names.map((name) => [METRICS_NAMESPACE, name, 'service', of.prefix]);
}

function aws(metric: AwsMetric, dimensions: Readonly<Record<string, string>>): string[] {
  return [metric.namespace, metric.name, ...Object.entries(dimensions).flat()];
}
