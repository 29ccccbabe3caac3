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
    description: `CloudWatch Logs could not hand events of ${logGroup} to the function, and skips them for good: backfill from the log group (docs/deploy.md).`,
    metric: awsMetric(
      { namespace: 'AWS/Logs', name: 'DeliveryErrors' },
      { LogGroupName: logGroup, DestinationType: 'Lambda', FilterName: filterName },
    ),
  }));
}

/** Of found clusters there are no alarms each, since the template does not know them. */
function findingAlarms(of: Deployment): Alarm[] {
  if (!findsClusters(of)) return [];
  const filter = auditFilterName(of);
  return [
    {
      id: 'FoundNotDelivered',
      name: 'not-delivered',
      description: `CloudWatch Logs could not hand events of a cluster that was found to the function, and skips them for good: its metric DeliveryErrors says of which log group; backfill from there (docs/deploy.md).`,
      query: `SELECT SUM(DeliveryErrors) FROM SCHEMA("AWS/Logs", LogGroupName, DestinationType, FilterName) WHERE FilterName = '${filter}'`,
    },
    {
      id: 'ClustersUnheard',
      name: 'clusters-unheard',
      description: `Of a cluster that is chosen nothing comes: its audit log is off, its log group is gone, or has no subscription free. The log of ${functionName(of, 'subscribe')} says which and what to do; \`eks-whois doctor\` looks closer.`,
      metric: ownMetric(of, 'ClustersUnheard'),
      statistic: 'Maximum',
      missing: 'ignore', // between two looks nothing is known to have changed
    },
    {
      id: 'subscribeErrors',
      name: 'subscribe-errors',
      description: `${functionName(of, 'subscribe')} fails: new clusters are not found. Its log group says why.`,
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
      description: `${functionName(of, name)} fails: its log group says why. Lambda and SQS try again by themselves.`,
      metric: awsMetric({ namespace: 'AWS/Lambda', name: 'Errors' }, { FunctionName: functionName(of, name) }),
      periods: 3,
    };
  }

  function throttled(name: FunctionName): Alarm {
    return {
      id: `${name}Throttles`,
      name: `${name}-throttled`,
      description: `Lambda holds ${functionName(of, name)} back: the account runs as many functions at once as it may. Ask for a higher quota, or reserve executions (ingestConcurrency).`,
      metric: awsMetric({ namespace: 'AWS/Lambda', name: 'Throttles' }, { FunctionName: functionName(of, name) }),
      periods: 3,
    };
  }
}

/** Those whose failures Lambda counts; the others answer what failed: messages that stay in their queue, or 503. */
function throws(of: Deployment, name: FunctionName): boolean {
  return name === 'settle' || onFailureQueueOf(of, name) !== undefined;
}

/** Where Lambda could not keep what a function failed on, which is then nowhere but in the log group. */
function lossAlarms(of: Deployment): Alarm[] {
  const kept = queuesOf(of).filter(({ from }) => from === 'lambda');
  return kept.map(({ to, title, name }) => ({
    id: to === 'ingest' ? 'DestinationDelivery' : 'GrantsDestinationDelivery',
    name: `${title}-lost`,
    description: `A batch that ${to} failed on could not be put into ${name}: backfill from the log group (docs/deploy.md).`,
    metric: awsMetric(
      { namespace: 'AWS/Lambda', name: 'DestinationDeliveryFailures' },
      { FunctionName: functionName(of, to) },
    ),
  }));
}

/** What comes where it should not: nothing of it is lost, but whoever leads it there means something else. */
function strayAlarms(of: Deployment): Alarm[] {
  if (of.stack !== 'hub') return [];
  const description = (what: string) => `${what} (docs/deploy.md). Nothing of it was lost.`;
  return [
    {
      id: 'TrailRecordsAtIngest',
      name: 'trail-records-at-ingest',
      description: description('CloudTrail records come to ingest: a subscription leads to the wrong function'),
      metric: ownMetric(of, 'TrailRecordsAtIngest'),
    },
    {
      id: 'EventsAtGrants',
      name: 'events-at-grants',
      description: description('Audit events come to grants: a subscription leads to the wrong function'),
      metric: ownMetric(of, 'EventsAtGrants'),
    },
    {
      id: 'PiecesOfOtherOrigin',
      name: 'other-origin',
      description:
        'What looks like audit events or CloudTrail records came from a log group or stream that holds none, and was left out: somebody forges them, or you collect logs elsewhere; then vouch for the group (`logGroups`, docs/deploy.md).',
      metric: ownMetric(of, 'PiecesOfOtherOrigin'),
    },
  ];
}

/** Half an hour is five times what a message waits for its next try. */
const LATE_MESSAGE_SECONDS = 1_800;

function queueAlarms(of: Deployment): Alarm[] {
  return queuesOf(of).flatMap((queue): Alarm[] => [
    {
      id: queue.deadLetterId,
      name: `${queue.title}-dead-letters`,
      description: `${deadLetterName(queue)} holds messages that ${queue.to} failed on again and again: mend the cause, then move them back to ${queue.name} (docs/deploy.md, "Update").`,
      metric: awsMetric(
        { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible' },
        { QueueName: deadLetterName(queue) },
      ),
      statistic: 'Maximum',
    },
    {
      id: `${queue.logicalId}Late`,
      name: `${queue.title}-late`,
      description: `Messages wait in ${queue.name} for half an hour: ${queue.to} fails on them, or does not keep up. Its log group says why.`,
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

/** What other accounts hand over: what the bus could not deliver, and what ingest refused, by account. */
function spokeAlarms(of: Deployment): Alarm[] {
  if (of.stack !== 'hub') return [];
  const rule = `${of.prefix}-${SPOKE_RULE}`;
  return [
    {
      id: 'SpokeRule',
      name: 'hand-overs-lost',
      description: `EventBridge could not hand a spoke's deliveries to ${of.prefix}-spoke-batches; they lie in its dead-letter queue (docs/deploy.md, "Update").`,
      metric: awsMetric({ namespace: 'AWS/Events', name: 'FailedInvocations' }, { RuleName: rule }),
    },
    {
      id: 'HandOversRefused',
      name: 'hand-overs-refused',
      description: `An account handed over what is not its own, or more than CloudWatch Logs delivers: nothing of it was stored. The alarm's contributors are the accounts; the log of ${functionName(of, 'ingest')} has the reasons (docs/alerts.md, "Refused deliveries").`,
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
    'EventBridge could not hand STS events to the queue of grants. settle finds these grants by look-ups, later.';
  return [{ id: 'StsRule', name: 'sts-events-lost', description, metric }];
}

/** The client tries again by itself: only what lasts is told. Tables of the hub are watched there. */
function tableAlarms(of: Deployment): Alarm[] {
  if (of.stack !== 'hub') return [];
  return TABLE_IDS.flatMap((id) => [
    tableThrottled(of, id, 'Read'),
    tableThrottled(of, id, 'Write'),
    ...TABLES[id].indexes.map(({ name }) => tableThrottled(of, id, 'Write', name)),
  ]);
}

/** A full index holds the writes of its table back too, and is counted by itself. */
function tableThrottled(of: Deployment, id: TableId, way: 'Read' | 'Write', index?: string): Alarm {
  const [table, part] = [tableName(of.prefix, id), index === undefined ? '' : ` (its index ${index})`];
  return {
    id: `${id}${way}Throttles${logicalPart(index)}`,
    name: [id, ...(index === undefined ? [] : [index]), way.toLowerCase(), 'throttled'].join('-'),
    description: `DynamoDB holds ${way.toLowerCase()}s of ${table}${part} back: a table's quota, or one partition's, is used up. Batches are tried again and come late.`,
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

/** A quarter of an hour, in milliseconds: the audit log is delivered within three minutes (FACTS). */
const LATE_BATCH = 900_000;

function batchAlarms(of: Deployment): Alarm[] {
  if (of.stack !== 'hub') return [];
  const description =
    'Audit events come a quarter of an hour late or more: CloudWatch Logs cannot deliver (DeliveryThrottling), ingest is throttled, or failed batches are taken back.';
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

/** Whatever fails of a question, in the function or before it, is answered with a 5xx. */
function answerAlarms(of: Deployment): Alarm[] {
  if (!functionsOf(of).includes('api')) return [];
  const description =
    'Questions to the API failed: CloudTrail or the tables are out of reach, or the function is. Its log group says why.';
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

/** An hour overdue: settle does not keep up, or does not run. */
const LATE_SECONDS = 3_600;

function settleAlarms(of: Deployment): Alarm[] {
  if (!functionsOf(of).includes('settle')) return [];
  const late: Alarm = {
    id: 'SettleLate',
    name: 'settle-late',
    description:
      'A claim is an hour overdue, or held back for so long by look-ups that fail, or settle does not run: see its log group, and LookupsThrottled on the dashboard.',
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
      'More claims than usual ended with nobody named: `eks-whois sessions --status unattributed` lists them, `eks-whois doctor` says what hides callers.',
    metric: ownMetric(of, 'ClaimsUnattributed'),
    threshold: of.alarmUnattributed,
  };
  const unanswered: Alarm = {
    id: 'LookupsFailed',
    name: 'look-ups-failed',
    description:
      'CloudTrail did not answer in an account or Region; the log group of settle says where and why. Answers become final without it: mend the permission, or leave the Region out of `regions` (docs/deploy.md).',
    metric: ownMetric(of, 'LookupsFailed'),
    statistic: 'Maximum',
    missing: 'ignore', // a minute without a look-up neither raises it nor ends it
  };
  return [late, unattributed, unanswered];
}
