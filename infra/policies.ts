import type { TableId } from '../lib/adapters/dynamodb/tables.ts';
import { arnOf, ref, sub, type Value } from './cloudformation.ts';
import { type Deployment, functionName } from './deployment.ts';
import { hubBus } from './event-buses.ts';
import type { FunctionName } from './parameters.ts';
import { onFailureQueueOf, queuesOf } from './queues.ts';
import { indexArn, TABLE_IDS, tableArn } from './tables.ts';

/** A permission of a role. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: Value;
  readonly [key: string]: Value;
}

/** Returns the policy of a function's role, with only the permissions that the function needs. */
export function policyOf(of: Deployment, name: FunctionName): readonly Statement[] {
  return [
    ...(of.stack === 'hub'
      ? TABLE_IDS.flatMap((table) => tableStatement(of, [name], table))
      : handOverStatements(of, name)),
    ...queueStatements(of, name),
    ...(OWN[name]?.(of) ?? []),
    ...keyStatements(of, name),
    allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], sub(`${logGroupArn(of, name)}:*`)),
    // X-Ray has no resource to name (Service Authorization Reference, "AWS X-Ray").
    ...(isTraced(name) ? [allow('Trace', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*')] : []),
    ...(of.subnets.length === 0 ? [] : [allow('RunInVpc', IN_VPC, '*')]),
  ];
}

/** The functions whose work `backfill` does by hand. */
const LOADING = ['ingest', 'grants', 'settle'] as const;

/**
 * Returns the permissions that a person needs for `eks-whois backfill` in the hub's account. The stack grants them to
 * nobody. Files in S3 need more (docs/sources.md).
 */
export function backfillStatements(of: Deployment): readonly Statement[] {
  const here = '${AWS::Region}:${AWS::AccountId}';
  return [
    ...TABLE_IDS.flatMap((table) => tableStatement(of, LOADING, table)),
    allow(
      'ReadLogGroups',
      ['logs:FilterLogEvents'],
      sub(`arn:\${AWS::Partition}:logs:${here}:log-group:/aws/eks/*/cluster:*`),
    ),
    allow('LookUpEvents', ['cloudtrail:LookupEvents'], '*'),
    ...(of.kmsKeyArn === undefined ? [] : [allow('ReadUnderKey', ['kms:Decrypt'], of.kmsKeyArn)]),
  ];
}

/**
 * Returns whether X-Ray traces the function. `subscribe` is not traced. In 200 spokes it would record 860,000 traces a
 * month that nobody looks for.
 */
export function isTraced(name: FunctionName): boolean {
  return name !== 'subscribe';
}

/**
 * The actions that Lambda needs in a VPC. It checks them without a resource (Lambda Developer Guide, "Giving Lambda
 * functions access to resources in an Amazon VPC").
 */
const IN_VPC = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

const OWN: Readonly<Partial<Record<FunctionName, (of: Deployment) => readonly Statement[]>>> = {
  settle: (of) => [
    ...lookupStatements(of),
    allow('Alert', ['sns:Publish'], ref('Alerts')),
    allow('StartWorkers', ['lambda:InvokeFunction'], sub(settleArn(of))),
  ],
  api: (of) => lookupStatements(of),
  subscribe: findingStatements,
};

/**
 * Returns the permissions for look-ups. LookupEvents has no resource to name (Service Authorization Reference, "AWS
 * CloudTrail").
 */
function lookupStatements(of: Deployment): readonly Statement[] {
  const lookUp = allow('LookUpEvents', ['cloudtrail:LookupEvents'], '*');
  // The trust policy of each role decides whether it can be assumed (infra/lookup-role.yml). A policy has no room for
  // the ARNs of all of them.
  const roles = sub(`arn:\${AWS::Partition}:iam::*:role/${of.lookupRole}`);
  // Whoever writes events chooses the account of a claim. So a role can be assumed only in a listed account, or in one
  // of the organization.
  const assume = (sid: string, owner: Readonly<Record<string, Value>>): Statement => ({
    ...allow(sid, ['sts:AssumeRole'], roles),
    Condition: { StringEquals: owner },
  });
  return [
    lookUp,
    ...(of.accounts.length > 0 ? [assume('LookUpInOtherAccounts', { 'aws:ResourceAccount': of.accounts })] : []),
    ...(of.organization !== undefined
      ? [assume('LookUpInOrganization', { 'aws:ResourceOrgID': of.organization })]
      : []),
  ];
}

/**
 * Returns the ARN of settle, which starts itself. A reference to the function would be circular, since it needs the
 * role.
 */
function settleArn(of: Deployment): string {
  return `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionName(of, 'settle')}`;
}

function handOverStatements(of: Deployment, name: FunctionName): Statement[] {
  return name === 'ingest' ? [allow('HandOver', ['events:PutEvents'], hubBus(of).arn)] : [];
}

/**
 * Returns the permissions to find clusters. ListClusters has no resource to name (Service Authorization Reference,
 * "Amazon Elastic Kubernetes Service").
 */
function findingStatements(of: Deployment): readonly Statement[] {
  const here = '${AWS::Region}:${AWS::AccountId}';
  return [
    allow('Report', ['events:PutEvents'], hubBus(of).arn),
    allow('ListClusters', ['eks:ListClusters'], '*'),
    allow('LookAtClusters', ['eks:DescribeCluster'], sub(`arn:\${AWS::Partition}:eks:${here}:cluster/*`)),
    allow(
      'Subscribe',
      ['logs:DescribeSubscriptionFilters', 'logs:PutSubscriptionFilter', 'logs:DeleteSubscriptionFilter'],
      sub(`arn:\${AWS::Partition}:logs:${here}:log-group:/aws/eks/*/cluster:*`),
    ),
    // For the clean-up: log groups outlive their clusters. AWS checks this action on all log groups of the Region.
    allow('ListLogGroups', ['logs:DescribeLogGroups'], sub(`arn:\${AWS::Partition}:logs:${here}:log-group:*`)),
    // A tag notes that somebody unsubscribed a cluster. Tags of log groups have ARNs without the last `:*`.
    allow(
      'Remember',
      ['logs:ListTagsForResource', 'logs:TagResource', 'logs:UntagResource'],
      sub(`arn:\${AWS::Partition}:logs:${here}:log-group:/aws/eks/*/cluster`),
    ),
  ];
}

/** Returns the permissions that these functions together have for a table. */
function tableStatement(of: Deployment, names: readonly FunctionName[], table: TableId): Statement[] {
  const actions = [...new Set(names.flatMap((name) => TABLE_ACTIONS[name][table]))].map((each) => `dynamodb:${each}`);
  if (actions.length === 0) return [];
  const queried = [...new Set(names.flatMap((name) => QUERIED_INDEXES[name][table]))];
  const indexes = queried.map((index) => indexArn(of, table, index));
  const title = `${table.charAt(0).toUpperCase()}${table.slice(1)}`;
  return [allow(title, actions, [tableArn(of, table), ...indexes])];
}

/**
 * Returns the permissions for queues. Lambda uses them with the function's role: it reads the function's queues, and
 * stores failed batches. The function itself moves faulty messages to the dead letters.
 */
function queueStatements(of: Deployment, name: FunctionName): Statement[] {
  const read = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  const feeding = queuesOf(of).filter((queue) => queue.to === name);
  const kept = onFailureQueueOf(of, name);
  return [
    ...feeding.map((queue) => allow(`Read${queue.logicalId}`, read, arnOf(queue.logicalId))),
    ...feeding.map(({ deadLetterId }) =>
      allow(`Bury${deadLetterId}`, ['sqs:GetQueueUrl', 'sqs:SendMessage'], arnOf(deadLetterId)),
    ),
    ...(kept === undefined ? [] : [allow(`Keep${kept.logicalId}`, ['sqs:SendMessage'], arnOf(kept.logicalId))]),
  ];
}

/**
 * Returns the permissions for the customer's KMS key of tables, queues and alerts. AWS uses such a key with the
 * caller's permissions.
 */
function keyStatements(of: Deployment, name: FunctionName): Statement[] {
  const write = ['kms:Decrypt', 'kms:GenerateDataKey'];
  const writes = name === 'settle' || onFailureQueueOf(of, name) !== undefined;
  const own = of.kmsKeyArn;
  return [
    // This key also encrypts the functions' environment.
    ...(own === undefined ? [] : [allow('ReadUnderKey', ['kms:Decrypt'], own)]),
    ...(own === undefined || !writes ? [] : [allow('WriteUnderKey', write, own)]),
  ];
}

function logGroupArn(of: Deployment, name: FunctionName): string {
  const group = `/aws/lambda/${functionName(of, name)}`;
  return `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${group}`;
}

function allow(sid: string, actions: readonly string[], resource: Value): Statement {
  return { Sid: sid, Effect: 'Allow', Action: actions, Resource: resource };
}

/**
 * The actions of DynamoDB that each function calls on each table, without their prefix. `ingest` and `grants` have the
 * same ones, because each also accepts events that were sent to the other.
 */
const TABLE_ACTIONS: Readonly<Record<FunctionName, Readonly<Record<TableId, readonly string[]>>>> = {
  ingest: {
    sessions: ['Query', 'BatchGetItem', 'BatchWriteItem', 'PutItem'],
    claims: ['GetItem', 'PutItem', 'BatchGetItem', 'BatchWriteItem', 'Query', 'DeleteItem'],
    records: ['PutItem', 'BatchGetItem'],
  },
  grants: {
    sessions: ['Query', 'BatchGetItem', 'BatchWriteItem', 'PutItem'],
    claims: ['GetItem', 'PutItem', 'BatchGetItem', 'BatchWriteItem', 'Query', 'DeleteItem'],
    records: ['PutItem', 'BatchGetItem'],
  },
  settle: {
    sessions: ['Query', 'BatchGetItem', 'BatchWriteItem', 'PutItem'],
    claims: ['GetItem', 'PutItem', 'BatchGetItem', 'BatchWriteItem', 'Query', 'DeleteItem'],
    records: ['Query', 'BatchGetItem', 'PutItem'],
  },
  api: {
    sessions: ['Query', 'BatchGetItem', 'BatchWriteItem', 'PutItem'],
    claims: ['Query', 'GetItem', 'PutItem', 'BatchGetItem', 'DeleteItem'],
    records: ['Query', 'BatchGetItem'],
  },
  console: { sessions: [], claims: [], records: [] },
  subscribe: { sessions: [], claims: [], records: [] },
};

/** The indexes that a function queries in addition to the tables. */
const QUERIED_INDEXES: Readonly<Record<FunctionName, Readonly<Record<TableId, readonly string[]>>>> = {
  ingest: { sessions: [], claims: [], records: [] },
  grants: { sessions: [], claims: [], records: [] },
  settle: { sessions: [], claims: ['by-due'], records: ['by-session'] },
  api: { sessions: [], claims: ['by-status'], records: ['by-actor', 'by-session', 'by-namespace'] },
  console: { sessions: [], claims: [], records: [] },
  subscribe: { sessions: [], claims: [], records: [] },
};
