import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand, ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeSubscriptionFiltersCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListEventBusesCommand, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, ListPoliciesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Accounts, Place } from './accounts.ts';

/** Something that is there, as moto says. */
export interface Remnant {
  readonly kind: string;
  readonly name: string;
  readonly account: string;
  /** Absent if it belongs to no Region. */
  readonly region?: string;
}

/** Returns what there is in the account's Regions, clusters left out. */
export async function leftIn(
  accounts: Accounts,
  account: string,
  regions: readonly string[],
): Promise<readonly Remnant[]> {
  const places = regions.map((region) => ({ account, region }));
  const [first] = places;
  const found: Remnant[] = first === undefined ? [] : [...(await ofAccount(accounts, first))];
  for (const place of places) found.push(...(await ofRegion(accounts, place)));
  return found;
}

async function ofAccount(accounts: Accounts, place: Place): Promise<Remnant[]> {
  const { account } = place;
  const iam = await accounts.client(IAMClient, place);
  const { Roles = [] } = await iam.send(new ListRolesCommand({}));
  const { Policies = [] } = await iam.send(new ListPoliciesCommand({ Scope: 'Local' }));
  const { Buckets = [] } = await (await accounts.client(S3Client, place)).send(new ListBucketsCommand({}));
  return [
    ...Roles.map(({ RoleName = '' }) => ({ kind: 'role', name: RoleName, account })),
    ...Policies.map(({ PolicyName = '' }) => ({ kind: 'managed policy', name: PolicyName, account })),
    ...Buckets.map(({ Name = '' }) => ({ kind: 'bucket', name: Name, account })),
  ];
}

async function ofRegion(accounts: Accounts, place: Place): Promise<Remnant[]> {
  const lambda = await accounts.client(LambdaClient, place);
  const events = await accounts.client(EventBridgeClient, place);
  const cloudwatch = await accounts.client(CloudWatchClient, place);
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  const { EventBuses = [] } = await events.send(new ListEventBusesCommand({}));
  const { Rules = [] } = await events.send(new ListRulesCommand({}));
  const { QueueUrls = [] } = await (await accounts.client(SQSClient, place)).send(new ListQueuesCommand({}));
  const { Topics = [] } = await (await accounts.client(SNSClient, place)).send(new ListTopicsCommand({}));
  const { TableNames = [] } = await (await accounts.client(DynamoDBClient, place)).send(new ListTablesCommand({}));
  const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({}));
  const { DashboardEntries = [] } = await cloudwatch.send(new ListDashboardsCommand({}));
  const { Stacks = [] } = await (await accounts.client(CloudFormationClient, place)).send(
    new DescribeStacksCommand({}),
  );
  const { groups, filters } = await logsOf(accounts, place);
  const named = (kind: string, names: readonly (string | undefined)[]) =>
    names.map((name = '') => ({ kind, name: name.split(/[:/]/).at(-1) ?? name, ...place }));
  return [
    ...named(
      'stack',
      Stacks.map(({ StackName }) => StackName),
    ),
    ...named(
      'function',
      Functions.map(({ FunctionName }) => FunctionName),
    ),
    ...named(
      'event source mapping',
      EventSourceMappings.map(({ EventSourceArn }) => EventSourceArn),
    ),
    ...named(
      'event bus',
      EventBuses.flatMap(({ Name }) => (Name === 'default' ? [] : Name)),
    ),
    ...named(
      'rule',
      Rules.map(({ Name }) => Name),
    ),
    ...named('queue', QueueUrls),
    ...named(
      'topic',
      Topics.map(({ TopicArn }) => TopicArn),
    ),
    ...named('table', TableNames),
    ...named(
      'alarm',
      MetricAlarms.map(({ AlarmName }) => AlarmName),
    ),
    ...named(
      'dashboard',
      DashboardEntries.map(({ DashboardName }) => DashboardName),
    ),
    ...groups.map((name) => ({ kind: 'log group', name, ...place })),
    ...filters.map((name) => ({ kind: 'subscription filter', name, ...place })),
  ];
}

async function logsOf(accounts: Accounts, place: Place) {
  const logs = await accounts.client(CloudWatchLogsClient, place);
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
  const groups = logGroups.map(({ logGroupName = '' }) => logGroupName);
  const filters: string[] = [];
  for (const logGroupName of groups) {
    const { subscriptionFilters = [] } = await logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName }));
    filters.push(...subscriptionFilters.map(({ filterName }) => `${filterName} on ${logGroupName}`));
  }
  return { groups, filters };
}
