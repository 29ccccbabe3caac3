import type { TableId } from '../lib/adapters/dynamodb/tables.ts';
import { arnOf, ref, sub, type Value } from './cloudformation.ts';
import { type Deployment, functionName } from './deployment.ts';
import { hubBus } from './event-buses.ts';
import type { FunctionName } from './parameters.ts';
import { onFailureQueueOf, queuesOf } from './queues.ts';
import { indexArn, TABLE_IDS, tableArn } from './tables.ts';

/** One permission of a role. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: Value;
  readonly [key: string]: Value;
}

/** The policy of one function's role: the least that it needs. */
export function policyOf(of: Deployment, name: FunctionName): readonly Statement[] {
  return [
    ...(of.stack === 'hub' ? TABLE_IDS.flatMap((table) => tableStatement(of, name, table)) : handingOver(of, name)),
    ...queueStatements(of, name),
    ...(OWN[name]?.(of) ?? []),
    ...keyStatements(of, name),
    allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], sub(`${logGroupArn(of, name)}:*`)),
    // X-Ray has no resource to name (Service Authorization Reference, "AWS X-Ray").
    allow('Trace', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'),
    ...(of.subnets.length === 0 ? [] : [allow('RunInVpc', IN_VPC, '*')]),
  ];
}

/** Lambda checks for them by no resource (Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC"). */
const IN_VPC = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

const OWN: Readonly<Partial<Record<FunctionName, (of: Deployment) => readonly Statement[]>>> = {
  settle: (of) => [...lookupStatements(of), allow('Alert', ['sns:Publish'], ref('Alerts'))],
  api: (of) => lookupStatements(of),
  subscribe: findingStatements,
};

/** LookupEvents has no resource to name (Service Authorization Reference, "AWS CloudTrail"). */
function lookupStatements(of: Deployment): readonly Statement[] {
  const lookUp = allow('LookUpEvents', ['cloudtrail:LookupEvents'], '*');
  if (of.accounts.length === 0) return [lookUp];
  // Whose roles let themselves be assumed their trust says (infra/lookup-role.yml); a policy has room for few of their ARNs.
  const roles = sub(`arn:\${AWS::Partition}:iam::*:role/${of.lookupRole}`);
  return [lookUp, allow('LookUpInOtherAccounts', ['sts:AssumeRole'], roles)];
}

function handingOver(of: Deployment, name: FunctionName): Statement[] {
  return name === 'ingest' ? [allow('HandOver', ['events:PutEvents'], hubBus(of).arn)] : [];
}

/** ListClusters has no resource to name (Service Authorization Reference, "Amazon Elastic Kubernetes Service"). */
function findingStatements(): readonly Statement[] {
  const here = '${AWS::Region}:${AWS::AccountId}';
  return [
    allow('ListClusters', ['eks:ListClusters'], '*'),
    allow('LookAtClusters', ['eks:DescribeCluster'], sub(`arn:\${AWS::Partition}:eks:${here}:cluster/*`)),
    allow(
      'Subscribe',
      ['logs:DescribeSubscriptionFilters', 'logs:PutSubscriptionFilter', 'logs:DeleteSubscriptionFilter'],
      sub(`arn:\${AWS::Partition}:logs:${here}:log-group:/aws/eks/*/cluster:*`),
    ),
  ];
}

function tableStatement(of: Deployment, name: FunctionName, table: TableId): Statement[] {
  const actions = TABLE_ACTIONS[name][table].map((action) => `dynamodb:${action}`);
  if (actions.length === 0) return [];
  const indexes = QUERIED_INDEXES[name][table].map((index) => indexArn(of, table, index));
  const title = `${table.charAt(0).toUpperCase()}${table.slice(1)}`;
  return [allow(title, actions, [tableArn(of, table), ...indexes])];
}

/** What Lambda does with queues in the function's role: its poller reads those that feed it, and what failed is kept. */
function queueStatements(of: Deployment, name: FunctionName): Statement[] {
  const read = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  const feeding = queuesOf(of).filter((queue) => queue.to === name);
  const kept = onFailureQueueOf(of, name);
  return [
    ...feeding.map((queue) => allow(`Read${queue.logicalId}`, read, arnOf(queue.logicalId))),
    ...(kept === undefined ? [] : [allow(`Keep${kept.logicalId}`, ['sqs:SendMessage'], arnOf(kept.logicalId))]),
  ];
}

/** Customers' keys are used by the caller's right: for tables, queues and alerts. */
function keyStatements(of: Deployment, name: FunctionName): Statement[] {
  const write = ['kms:Decrypt', 'kms:GenerateDataKey'];
  const writes = name === 'settle' || onFailureQueueOf(of, name) !== undefined;
  const own = of.kmsKeyArn;
  return [
    // Their environment lies under it too.
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
 * What each function does to each table: nothing that it never calls. `ingest` and `grants` each take what was meant for
 * the other. Actions of DynamoDB, without their prefix.
 */
const TABLE_ACTIONS: Readonly<Record<FunctionName, Readonly<Record<TableId, readonly string[]>>>> = {
  ingest: {
    sessions: ['Query', 'BatchGetItem', 'BatchWriteItem', 'PutItem'],
    claims: ['GetItem', 'PutItem', 'BatchGetItem', 'BatchWriteItem', 'Query', 'DeleteItem'],
    records: ['PutItem', 'GetItem', 'Query'],
  },
  grants: {
    sessions: ['Query', 'BatchGetItem', 'BatchWriteItem', 'PutItem'],
    claims: ['GetItem', 'PutItem', 'BatchGetItem', 'BatchWriteItem', 'Query', 'DeleteItem'],
    records: ['PutItem', 'GetItem', 'Query'],
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

/** The indexes that a function queries besides the tables themselves. */
const QUERIED_INDEXES: Readonly<Record<FunctionName, Readonly<Record<TableId, readonly string[]>>>> = {
  ingest: { sessions: [], claims: [], records: ['by-namespace'] },
  grants: { sessions: [], claims: [], records: ['by-namespace'] },
  settle: { sessions: [], claims: ['by-due'], records: ['by-session'] },
  api: { sessions: [], claims: ['by-status'], records: ['by-actor', 'by-session', 'by-namespace'] },
  console: { sessions: [], claims: [], records: [] },
  subscribe: { sessions: [], claims: [], records: [] },
};
