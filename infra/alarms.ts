import { TABLES, type TableId, tableName } from '../lib/adapters/dynamodb/tables.ts';
import { METRICS_NAMESPACE } from '../lib/metrics.ts';
import { type Alarm, alarmResource, awsMetric, ownMetric } from './alarm.ts';
import { logicalName, type Resources, ref } from './cloudformation.ts';
import { type Deployment, functionName, functionsOf } from './deployment.ts';
import { SPOKE_RULE, STS_RULES, takesEvents } from './event-buses.ts';
import { heartbeatAlarms } from './heartbeat.ts';
import { type FunctionName, findsClusters } from './parameters.ts';
import { deadLetterName, onFailureQueueOf, queuesOf } from './queues.ts';
import { auditFilterName, subscriptionsOf } from './subscriptions.ts';
import { TABLE_IDS } from './tables.ts';

/** Returns the alarms of a deployment. Each description says what is wrong and what to do, because it is all that the email contains. */
export function alarmResources(of: Deployment): Resources {
  const alarms = [
    ...subscriptionAlarms(of),
    ...findingAlarms(of),
    ...functionAlarms(of),
    ...lossAlarms(of),
    ...queueAlarms(of),
    ...ruleAlarms(of),
    ...tableAlarms(of),
    ...batchAlarms(of),
    ...strayAlarms(of),
    ...answerAlarms(of),
    ...settleAlarms(of),
    ...heartbeatAlarms(of),
  ];
  return Object.fromEntries(alarms.map((alarm) => [`${alarm.id}Alarm`, alarmResource(of, alarm)]));
}

function subscriptionAlarms(of: Deployment): Alarm[] {
  return subscriptionsOf(of).map(({ logicalId, logGroup, filterName }) => ({
    id: logicalId,
    name: `not-delivered-${logicalName(logGroup)}`,
    description: `CloudWatch Logs could not deliver events of ${logGroup} to the function and will not retry them. Load them from the log group with backfill (docs/operate.md, "Load missed events").`,
    metric: awsMetric(
      { namespace: 'AWS/Logs', name: 'DeliveryErrors' },
      { LogGroupName: logGroup, DestinationType: 'Lambda', FilterName: filterName },
    ),
  }));
}

/** Returns alarms for all found clusters together, because the template does not know them one by one. */
function findingAlarms(of: Deployment): Alarm[] {
  if (!findsClusters(of)) return [];
  const filter = auditFilterName(of);
  return [
    {
      id: 'FoundNotDelivered',
      name: 'not-delivered',
      description: `CloudWatch Logs could not deliver events of a found cluster to the function and will not retry them. The metric DeliveryErrors shows the log group. Load the events from there with backfill (docs/operate.md, "Load missed events").`,
      query: `SELECT SUM(DeliveryErrors) FROM SCHEMA("AWS/Logs", LogGroupName, DestinationType, FilterName) WHERE FilterName = '${filter}'`,
    },
    {
      id: 'ClustersUnheard',
      name: 'clusters-unheard',
      description: `A chosen cluster sends no events: its audit log is off, its log group does not exist, or both subscriptions of the log group are in use. The log of ${functionName(of, 'subscribe')} names the cluster and says what to do. \`eks-whois doctor\` has more detail.`,
      metric: ownMetric(of, 'ClustersUnheard'),
      statistic: 'Maximum',
      missing: 'ignore', // Between two checks there is no data.
    },
    {
      id: 'subscribeErrors',
      name: 'subscribe-errors',
      description: `${functionName(of, 'subscribe')} fails, so new clusters are not found. Its log group has the reason.`,
      metric: awsMetric({ namespace: 'AWS/Lambda', name: 'Errors' }, { FunctionName: functionName(of, 'subscribe') }),
      missing: 'ignore',
    },
  ];
}

function functionAlarms(of: Deployment): Alarm[] {
  const names = functionsOf(of);
  return [...names.filter((name) => throws(of, name)).map(failing), ...names.map(throttled)];

  function failing(name: FunctionName): Alarm {
    return {
      id: `${name}Errors`,
      name: `${name}-errors`,
      description: `${functionName(of, name)} fails. Its log group has the reason. Lambda and SQS retry automatically.`,
      metric: awsMetric({ namespace: 'AWS/Lambda', name: 'Errors' }, { FunctionName: functionName(of, name) }),
      periods: 3,
    };
  }

  function throttled(name: FunctionName): Alarm {
    return {
      id: `${name}Throttles`,
      name: `${name}-throttled`,
      description: `Lambda throttles ${functionName(of, name)}, because the account has reached its limit of concurrent executions. Request a higher quota, or reserve executions (ingestConcurrency).`,
      metric: awsMetric({ namespace: 'AWS/Lambda', name: 'Throttles' }, { FunctionName: functionName(of, name) }),
      periods: 3,
    };
  }
}

/** Returns whether Lambda counts the function's failures. Other functions report a failure in their response: by a message that stays in its queue, or by a 503. */
function throws(of: Deployment, name: FunctionName): boolean {
  return name === 'settle' || onFailureQueueOf(of, name) !== undefined;
}

/** Returns alarms for batches that Lambda could not keep after a failure. Such a batch is then only in the log group. */
function lossAlarms(of: Deployment): Alarm[] {
  const kept = queuesOf(of).filter(({ from }) => from === 'lambda');
  return kept.map(({ to, title, name }) => ({
    id: to === 'ingest' ? 'DestinationDelivery' : 'GrantsDestinationDelivery',
    name: `${title}-lost`,
    description: `${to} failed on a batch, and Lambda could not put the batch into ${name}. Load its events from the log group with backfill (docs/operate.md, "Load missed events").`,
    metric: awsMetric(
      { namespace: 'AWS/Lambda', name: 'DestinationDeliveryFailures' },
      { FunctionName: functionName(of, to) },
    ),
  }));
}

/** Returns alarms for events at the wrong function. No event is lost, but a subscription is wrong. */
function strayAlarms(of: Deployment): Alarm[] {
  if (of.stack !== 'hub') return [];
  const description = (what: string) =>
    `${what}. No event was lost. Lead the subscription to the other function (docs/operate.md).`;
  return [
    {
      id: 'TrailRecordsAtIngest',
      name: 'trail-records-at-ingest',
      description: description(
        'ingest receives CloudTrail records, because a subscription leads to the wrong function',
      ),
      metric: ownMetric(of, 'TrailRecordsAtIngest'),
    },
    {
      id: 'EventsAtGrants',
      name: 'events-at-grants',
      description: description('grants receives audit events, because a subscription leads to the wrong function'),
      metric: ownMetric(of, 'EventsAtGrants'),
    },
    {
      id: 'PiecesOfOtherOrigin',
      name: 'other-origin',
      description:
        'Audit events or CloudTrail records came from a log group or stream whose name does not show that it holds them. They were left out. Either somebody forges them, or you collect logs there. If you collect logs there, add the log group to the parameter `logGroups` (docs/parameters.md).',
      metric: ownMetric(of, 'PiecesOfOtherOrigin'),
    },
  ];
}

/** Half an hour, in seconds: five times the time that a message waits for its next attempt. */
const LATE_MESSAGE_SECONDS = 1_800;

function queueAlarms(of: Deployment): Alarm[] {
  return queuesOf(of).flatMap((queue): Alarm[] => [
    {
      id: queue.deadLetterId,
      name: `${queue.title}-dead-letters`,
      description: `${deadLetterName(queue)} holds messages on which ${queue.to} failed repeatedly. Fix the cause, then move them back to ${queue.name} (docs/operate.md, "Failed batches").`,
      metric: awsMetric(
        { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible' },
        { QueueName: deadLetterName(queue) },
      ),
      statistic: 'Maximum',
    },
    {
      id: `${queue.logicalId}Late`,
      name: `${queue.title}-late`,
      description: `Messages have waited in ${queue.name} for half an hour. ${queue.to} fails on them or is too slow. Its log group has the reason.`,
      metric: awsMetric({ namespace: 'AWS/SQS', name: 'ApproximateAgeOfOldestMessage' }, { QueueName: queue.name }),
      statistic: 'Maximum',
      threshold: LATE_MESSAGE_SECONDS,
      periods: 3,
    },
  ]);
}

function ruleAlarms(of: Deployment): Alarm[] {
  return [...spokeAlarms(of), ...stsRuleAlarms(of)];
}

/** Returns alarms for events from other accounts: deliveries that the bus could not make, and those that ingest refused, by account. */
function spokeAlarms(of: Deployment): Alarm[] {
  if (of.stack !== 'hub') return [];
  const rule = `${of.prefix}-${SPOKE_RULE}`;
  return [
    {
      id: 'SpokeRule',
      name: 'hand-overs-lost',
      description: `EventBridge could not deliver a spoke's events to ${of.prefix}-spoke-batches. They are in its dead-letter queue (docs/operate.md, "Failed batches").`,
      metric: awsMetric({ namespace: 'AWS/Events', name: 'FailedInvocations' }, { RuleName: rule }),
    },
    {
      id: 'HandOversRefused',
      name: 'hand-overs-refused',
      description: `An account sent events of another account, or more than CloudWatch Logs delivers. The delivery was not stored. The alarm's contributors are the accounts. The log of ${functionName(of, 'ingest')} has the reasons (docs/alerts.md, "Refused deliveries").`,
      query: `SELECT SUM(HandOversRefused) FROM SCHEMA("${METRICS_NAMESPACE}", account, service) WHERE service = '${of.prefix}' GROUP BY account`,
    },
  ];
}

function stsRuleAlarms(of: Deployment): Alarm[] {
  if (!takesEvents(of)) return [];
  const metric = awsMetric(
    { namespace: 'AWS/Events', name: 'FailedInvocations' },
    { RuleName: `${of.prefix}-${STS_RULES.StsRule}` },
  );
  const description =
    'EventBridge could not deliver STS events to the queue of grants. settle finds these grants later with look-ups.';
  return [{ id: 'StsRule', name: 'sts-events-lost', description, metric }];
}

/** Returns alarms for throttled tables. They fire only after five minutes, because the client retries. A spoke has none, because the tables are the hub's. */
function tableAlarms(of: Deployment): Alarm[] {
  if (of.stack !== 'hub') return [];
  return TABLE_IDS.flatMap((id) => [
    tableThrottled(of, id, 'Read'),
    tableThrottled(of, id, 'Write'),
    ...TABLES[id].indexes.map(({ name }) => tableThrottled(of, id, 'Write', name)),
  ]);
}

/** Returns the alarm of a table or of one of its indexes. A throttled index also delays the writes of its table, and has its own metric. */
function tableThrottled(of: Deployment, id: TableId, way: 'Read' | 'Write', index?: string): Alarm {
  const [table, part] = [tableName(of.prefix, id), index === undefined ? '' : ` (its index ${index})`];
  return {
    id: `${id}${way}Throttles${logicalPart(index)}`,
    name: [id, ...(index === undefined ? [] : [index]), way.toLowerCase(), 'throttled'].join('-'),
    description: `DynamoDB throttles ${way.toLowerCase()}s of ${table}${part}, because the quota of the table or of one partition is used up. Batches are retried and come late. If this lasts, request a higher quota.`,
    metric: awsMetric(
      { namespace: 'AWS/DynamoDB', name: `${way}ThrottleEvents` },
      { TableName: table, ...(index !== undefined && { GlobalSecondaryIndexName: index }) },
    ),
    periods: 5,
  };
}

function logicalPart(index = ''): string {
  return index.replaceAll('-', '');
}

/** A quarter of an hour, in milliseconds. The audit log is usually delivered within three minutes (FACTS). */
const LATE_BATCH = 900_000;

function batchAlarms(of: Deployment): Alarm[] {
  if (of.stack !== 'hub') return [];
  const description =
    'Audit events are a quarter of an hour late or more. Either CloudWatch Logs cannot deliver (DeliveryThrottling), or ingest is throttled, or failed batches are retried.';
  const metric = ownMetric(of, 'BatchAge');
  return [
    {
      id: 'BatchesLate',
      name: 'batches-late',
      description,
      metric,
      statistic: 'Maximum',
      threshold: LATE_BATCH,
      periods: 3,
    },
  ];
}

/** Returns an alarm for questions that fail. A failure in the function or before it gives a 5xx. */
function answerAlarms(of: Deployment): Alarm[] {
  if (!functionsOf(of).includes('api')) return [];
  const description =
    'Questions to the API failed, because CloudTrail, the tables or the function cannot be reached. The log group of the function api has the reason.';
  const metric = awsMetric({ namespace: 'AWS/ApiGateway', name: '5xx' }, { ApiId: ref('HttpApi') });
  return [
    {
      id: 'QuestionsFailed',
      name: 'questions-failed',
      description,
      metric,
    },
  ];
}

/** One hour, in seconds. A claim that is so late means that settle is too slow or does not run. */
const LATE_SECONDS = 3_600;

function settleAlarms(of: Deployment): Alarm[] {
  if (!functionsOf(of).includes('settle')) return [];
  const late: Alarm = {
    id: 'SettleLate',
    name: 'settle-late',
    description:
      'A claim is one hour late. Either settle is too slow or does not run, or its look-ups fail. See its log group, and LookupsThrottled on the dashboard.',
    metric: ownMetric(of, 'OldestOpenClaim'),
    statistic: 'Maximum',
    threshold: LATE_SECONDS,
    periods: 5,
    missing: 'breaching',
  };
  const unattributed: Alarm = {
    id: 'ManyUnattributed',
    name: 'many-unattributed',
    description:
      'More claims than usual ended without an actor. `eks-whois sessions --status unattributed` lists the sessions. `eks-whois doctor` finds what hides callers.',
    metric: ownMetric(of, 'ClaimsUnattributed'),
    threshold: of.alarmUnattributed,
  };
  const unanswered: Alarm = {
    id: 'LookupsFailed',
    name: 'look-ups-failed',
    description:
      'CloudTrail did not answer in an account or Region. The log group of settle says where and why. Answers become final without it. Fix the permission, or leave the Region out of `regions` (docs/operate.md).',
    metric: ownMetric(of, 'LookupsFailed'),
    statistic: 'Maximum',
    missing: 'ignore', // A minute without a look-up must not change the alarm.
  };
  return [late, unattributed, unanswered];
}
