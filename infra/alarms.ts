import { TABLES, type TableId, tableName } from '../lib/adapters/dynamodb/tables.ts';
import { METRICS_NAMESPACE } from '../lib/metrics.ts';
import { type Alarm, alarmResource, awsMetric, ownMetric, sumOf } from './alarm.ts';
import { type Resources, ref } from './cloudformation.ts';
import { type Deployment, functionName, functionsOf } from './deployment.ts';
import { lossesOfRules } from './event-buses.ts';
import { type FunctionName, findsClusters } from './parameters.ts';
import { deadLetterName } from './queue-names.ts';
import { onFailureQueueOf, queuesOf } from './queues.ts';
import { auditFilterName, subscriptionsOf } from './subscriptions.ts';
import { TABLE_IDS } from './tables.ts';

/**
 * Returns the alarms of a deployment, at most twelve. Each has its section in docs/alerts.md. Its description says what
 * is wrong and what to do, because it is all that the email contains.
 */
export function alarmResources(of: Deployment): Resources {
  const alarms = [
    ...notDelivered(of),
    functionsFailing(of),
    ...evidenceLost(of),
    queuesStuck(of),
    ...(of.stack === 'hub' ? hubAlarms(of) : []),
  ];
  return Object.fromEntries(alarms.map((alarm) => [`${alarm.id}Alarm`, alarmResource(of, alarm)]));
}

function hubAlarms(of: Deployment): Alarm[] {
  return [
    tablesThrottled(of, 'Read'),
    tablesThrottled(of, 'Write'),
    late(of),
    setAside(of),
    fleet(of),
    ...questionsFailed(of),
    lookupsFailed(of),
    manyUnattributed(of),
  ];
}

/** Returns the alarm for what CloudWatch Logs could not deliver. Its contributors are the log groups. */
function notDelivered(of: Deployment): Alarm[] {
  if (of.clusters.length === 0 && !findsClusters(of)) return [];
  return [
    {
      id: 'NotDelivered',
      name: 'not-delivered',
      description: `CloudWatch Logs could not deliver events of a cluster to the function and will not retry them. The alarm's contributors are the log groups. Load the events from there with backfill.`,
      query: byName('DeliveryErrors', '"AWS/Logs", LogGroupName, DestinationType, FilterName', {
        FilterName: auditFilterName(of),
        by: 'LogGroupName',
      }),
    },
  ];
}

/** Returns a query with a result for each name. CloudWatch requires the order (FACTS). */
function byName(metric: string, schema: string, { by, ...where }: Readonly<Record<string, string>>): string {
  const [[dimension, value] = []] = Object.entries(where);
  return `SELECT SUM(${metric}) FROM SCHEMA(${schema}) WHERE ${dimension} = '${value}' GROUP BY ${by} ORDER BY SUM() DESC`;
}

/** Returns the alarm for functions that fail or are throttled. */
function functionsFailing(of: Deployment): Alarm {
  const names = functionsOf(of);
  const metric = (name: 'Errors' | 'Throttles', of_: FunctionName) =>
    awsMetric({ namespace: 'AWS/Lambda', name }, { FunctionName: functionName(of, of_) });
  return {
    id: 'FunctionsFailing',
    name: 'functions-failing',
    description: `A function of ${of.prefix} has failed or was throttled for three minutes. ${of.stack === 'hub' ? 'The dashboard shows which. Its' : 'Its'} log group has the reason.`,
    math: sumOf([
      ...names.filter((name) => throws(of, name)).map((name) => metric('Errors', name)),
      ...names.map((name) => metric('Throttles', name)),
    ]),
    periods: 3,
  };
}

/**
 * Returns whether Lambda counts the function's failures. Other functions report a failure in their response. The
 * message then stays in its queue, or the response is a 503.
 */
function throws(of: Deployment, name: FunctionName): boolean {
  return name === 'settle' || onFailureQueueOf(of, name) !== undefined;
}

/** Returns the alarm for evidence that is in no queue any more, so that it must be loaded again. */
function evidenceLost(of: Deployment): Alarm[] {
  const kept = queuesOf(of).filter(({ from }) => from === 'lambda');
  const batches = kept.map(({ to }) =>
    awsMetric({ namespace: 'AWS/Lambda', name: 'DestinationDeliveryFailures' }, { FunctionName: functionName(of, to) }),
  );
  const rules = lossesOfRules(of).map(({ name, dimensions }) =>
    awsMetric({ namespace: 'AWS/Events', name }, dimensions),
  );
  const trail = subscriptionsOf(of)
    .filter(({ to }) => to === 'grants')
    .map(({ logGroup, filterName }) =>
      awsMetric(
        { namespace: 'AWS/Logs', name: 'DeliveryErrors' },
        { LogGroupName: logGroup, DestinationType: 'Lambda', FilterName: filterName },
      ),
    );
  return [
    {
      id: 'EvidenceLost',
      name: 'evidence-lost',
      description: `Audit events or grants could not be delivered to ${of.prefix} and are in none of its queues. Load them again${of.stack === 'hub' ? '. Or an alarm of a spoke could not be published' : ''}.`,
      math: sumOf([...batches, ...rules, ...trail]),
    },
  ];
}

/** Half an hour, in seconds: five times the time that a message waits for its next attempt. */
const LATE_MESSAGE_SECONDS = 1_800;

/** Returns the alarm for messages that nobody takes: dead letters, and messages that wait for too long. */
function queuesStuck(of: Deployment): Alarm {
  const queues = queuesOf(of).map((queue, at) => ({ ...queue, dead: `dead${at}`, age: `age${at}` }));
  const metric = (name: 'ApproximateNumberOfMessagesVisible' | 'ApproximateAgeOfOldestMessage', QueueName: string) =>
    ({ metric: awsMetric({ namespace: 'AWS/SQS', name }, { QueueName }), statistic: 'Maximum' }) as const;
  const values = queues.flatMap(({ dead, age }) => [
    `FILL(${dead}, 0) * ${LATE_MESSAGE_SECONDS + 1}`,
    `FILL(${age}, 0)`,
  ]);
  const retried = { metric: ownMetric(of, 'RetriedMessageAge'), statistic: 'Maximum' } as const;
  return {
    id: 'QueuesStuck',
    name: 'queues-stuck',
    description: `A dead-letter queue of ${of.prefix} holds messages, or messages have waited in a queue or were tried again for half an hour. Fix the cause, then move them back.`,
    math: {
      expression: `MAX([${[...values, 'FILL(retried, 0)'].join(', ')}])`,
      metrics: Object.fromEntries([
        ['retried', retried],
        ...queues.flatMap((queue) => [
          [queue.dead, metric('ApproximateNumberOfMessagesVisible', deadLetterName(queue.name))],
          [queue.age, metric('ApproximateAgeOfOldestMessage', queue.name)],
        ]),
      ]),
    },
    threshold: LATE_MESSAGE_SECONDS,
    // A message is tried again after six minutes, and is reported only then.
    period: 600,
  };
}

/**
 * Returns the alarm for throttled tables and indexes. It is raised only after five minutes, because the client retries.
 */
function tablesThrottled(of: Deployment, way: 'Read' | 'Write'): Alarm {
  const metric = (id: TableId, index?: string) =>
    awsMetric(
      { namespace: 'AWS/DynamoDB', name: `${way}ThrottleEvents` },
      { TableName: tableName(of.prefix, id), ...(index !== undefined && { GlobalSecondaryIndexName: index }) },
    );
  // A throttled index also delays the writes of its table, and has its own metric.
  const indexes = TABLE_IDS.flatMap((id) => TABLES[id].indexes.map(({ name }) => metric(id, name)));
  return {
    id: `Tables${way}Throttled`,
    name: `tables-${way.toLowerCase()}-throttled`,
    section: 'tables-throttled',
    description: `DynamoDB throttles ${way.toLowerCase()}s of a table of ${of.prefix}, because the quota of the table, of an index or of one partition is used up. Batches are retried and come late.`,
    math: sumOf([...TABLE_IDS.map((id) => metric(id)), ...(way === 'Write' ? indexes : [])]),
    periods: 5,
  };
}

/** A quarter of an hour, in seconds. The audit log is usually delivered within three minutes (FACTS). */
const LATE_EVENTS = 900;
/** Ten minutes, in seconds. Settle runs each minute. If a claim is so late, settle is too slow or does not run. */
const LATE_CLAIM = 600;

/**
 * Returns the alarm for late events and late answers. Settle emits both metrics each minute. So the alarm is also
 * raised if settle does not run.
 */
function late(of: Deployment): Alarm {
  return {
    id: 'Late',
    name: 'late',
    description:
      'Audit events of at least half of the accounts arrive a quarter of an hour late, or answers are ten minutes late, or settle does not run. `eks-whois fleet` shows which clusters are late.',
    math: {
      expression: `IF(events > ${LATE_EVENTS} OR claims > ${LATE_CLAIM}, 1, 0)`,
      metrics: {
        events: { metric: ownMetric(of, 'ClusterLag'), statistic: 'Maximum' },
        claims: { metric: ownMetric(of, 'OldestOpenClaim'), statistic: 'Maximum' },
      },
    },
    periods: 3,
    missing: 'breaching',
  };
}

/** Returns the alarm for input that arrived but does not count as evidence, or that came to the wrong function. */
function setAside(of: Deployment): Alarm {
  const metrics = [
    'EventsRejected',
    'TrailRecordsRejected',
    'PiecesOfOtherOrigin',
    'TrailRecordsAtIngest',
    'EventsAtGrants',
  ] as const;
  return {
    id: 'SetAside',
    name: 'set-aside',
    description: `Something arrived that ${of.prefix} could not read, that comes from another log, or that a subscription led to the wrong function. The dashboard shows which. The function's log has the reason.`,
    math: sumOf(metrics.map((name) => ownMetric(of, name))),
  };
}

/**
 * Returns the alarm for the fleet: clusters, sources of grants and spokes. Its contributors state the trouble and the
 * name.
 */
function fleet(of: Deployment): Alarm {
  return {
    id: 'Fleet',
    name: 'fleet',
    description: `A cluster, a source of grants or an account needs attention. The alarm's contributors say which, and why. \`eks-whois fleet\` shows all of them.`,
    query: byName('FleetTrouble', `"${METRICS_NAMESPACE}", service, trouble`, { service: of.prefix, by: 'trouble' }),
  };
}

/** Returns an alarm for questions that fail. A failure in the function or before it gives a 5xx. */
function questionsFailed(of: Deployment): Alarm[] {
  if (!functionsOf(of).includes('api')) return [];
  return [
    {
      id: 'QuestionsFailed',
      name: 'questions-failed',
      description:
        'Questions to the API failed, because CloudTrail, the tables or the function cannot be reached. The log group of the function api has the reason.',
      metric: awsMetric({ namespace: 'AWS/ApiGateway', name: '5xx' }, { ApiId: ref('HttpApi') }),
    },
  ];
}

function lookupsFailed(of: Deployment): Alarm {
  return {
    id: 'LookupsFailed',
    name: 'look-ups-failed',
    description:
      'CloudTrail did not answer in an account or Region. The log group of settle says where and why. Answers become final without it. Fix the permission, or leave the Region out of `regions`.',
    metric: ownMetric(of, 'LookupsFailed'),
    statistic: 'Maximum',
    missing: 'ignore', // A minute without a look-up must not change the alarm.
  };
}

function manyUnattributed(of: Deployment): Alarm {
  return {
    id: 'ManyUnattributed',
    name: 'many-unattributed',
    description:
      'More claims than usual ended without an actor. `eks-whois sessions --status unattributed` lists the sessions. `eks-whois doctor` finds what hides callers.',
    metric: ownMetric(of, 'ClaimsUnattributed'),
    threshold: of.alarmUnattributed,
  };
}
