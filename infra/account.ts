import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeSubscriptionFiltersCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DescribeTimeToLiveCommandOutput,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { kindOf } from '../lib/adapters/aws/error-kinds.ts';
import { isJsonObject, type JsonObject, parseJson } from '../lib/json.ts';
import { storedParameters } from './kept-parameters.ts';
import { type Plan, partsIn, subscriptionsIn } from './plan.ts';
import type { Account, PresentTable } from './preflight.ts';
import { shapeOf } from './table-shape.ts';

/**
 * Reads the state of the account. Changes nothing. Calls that only warnings need may be denied.
 * @throws the SDK's error for anything else, such as missing credentials.
 */
export async function readAccount(plan: Plan): Promise<Account> {
  const { region } = plan;
  const logGroups = plan.subscriptions.map(({ logGroup }) => logGroup);
  const tables = [...plan.tables, ...plan.expectedTables].map(({ name }) => name);
  const denied = new Set<string>();
  const [stackStatus, stackTables, deployed, filters, present, unreservedConcurrency] = await Promise.all([
    readStackStatus(plan),
    readStackTables(plan),
    readDeployed(plan),
    readEach(logGroups, (name) => readFilters(new CloudWatchLogsClient({ region }), name)),
    readEach(tables, (name) => readTable(new DynamoDBClient({ region }), name, denied)),
    readConcurrency(new LambdaClient({ region }), denied),
  ]);
  return {
    stackStatus,
    stackTables,
    stackLogGroups: subscriptionsIn(deployed).map(({ logGroup }) => logGroup),
    stackParts: partsIn(deployed),
    stackParameters: storedParameters(deployed),
    logGroups: filters,
    tables: present,
    unreservedConcurrency,
    denied: [...denied],
  };
}

/** Reads a value for each name. Leaves out names without a value. */
async function readEach<T>(
  names: readonly string[],
  read: (name: string) => Promise<T | undefined>,
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (const name of names) {
    const value = await read(name);
    if (value !== undefined) found.set(name, value);
  }
  return found;
}

async function readStackStatus({ region, stackName }: Plan): Promise<string | undefined> {
  const client = new CloudFormationClient({ region });
  const answer = await orNothing(client.send(new DescribeStacksCommand({ StackName: stackName })));
  return answer?.Stacks?.[0]?.StackStatus;
}

/** Returns the names of the stack's tables, or none if there is no stack. */
export async function readStackTables({ region, stackName }: Pick<Plan, 'region' | 'stackName'>): Promise<string[]> {
  const tables: string[] = [];
  const pages = paginateListStackResources({ client: new CloudFormationClient({ region }) }, { StackName: stackName });
  const reading = async () => {
    for await (const { StackResourceSummaries = [] } of pages) {
      const found = StackResourceSummaries.filter(({ ResourceType }) => ResourceType === 'AWS::DynamoDB::Table');
      tables.push(...found.flatMap(({ PhysicalResourceId }) => PhysicalResourceId ?? []));
    }
  };
  await orNothing(reading());
  return tables;
}

/**
 * Returns the template of the deployed stack, or an empty one. The names of its resources are only there, not in the
 * list of resources.
 */
async function readDeployed({ region, stackName }: Plan): Promise<JsonObject> {
  const client = new CloudFormationClient({ region });
  const answer = await orNothing(client.send(new GetTemplateCommand({ StackName: stackName })));
  return jsonObject(answer?.TemplateBody) ?? {};
}

async function readFilters(client: CloudWatchLogsClient, logGroupName: string): Promise<string[] | undefined> {
  const answer = await orNothing(client.send(new DescribeSubscriptionFiltersCommand({ logGroupName })));
  return answer?.subscriptionFilters?.flatMap(({ filterName }) => filterName ?? []);
}

async function readTable(client: DynamoDBClient, name: string, denied: Set<string>): Promise<PresentTable | undefined> {
  const answer = await orNothing(client.send(new DescribeTableCommand({ TableName: name })));
  if (answer?.Table === undefined) return undefined;
  const expiry = client.send(new DescribeTimeToLiveCommand({ TableName: name }));
  const ttl = await orDenied(expiry, 'dynamodb:DescribeTimeToLive', denied);
  return { shape: shapeOf(answer.Table), ttl: ttl && expiringBy(ttl) };
}

function expiringBy({ TimeToLiveDescription: ttl }: DescribeTimeToLiveCommandOutput): string {
  return ttl?.TimeToLiveStatus?.startsWith('ENABL') === true ? (ttl.AttributeName ?? '') : '';
}

function jsonObject(text: string | undefined): JsonObject | undefined {
  const parsed = parseJson(text ?? '');
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
}

async function readConcurrency(client: LambdaClient, denied: Set<string>): Promise<number | undefined> {
  const settings = client.send(new GetAccountSettingsCommand({}));
  const answer = await orDenied(settings, 'lambda:GetAccountSettings', denied);
  return answer?.AccountLimit?.UnreservedConcurrentExecutions;
}

/**
 * Returns the answer, or undefined if the resource does not exist. CloudFormation reports a missing stack as a
 * ValidationError.
 */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (kindOf(error) === 'not-found' || (error instanceof Error && error.name === 'ValidationError')) return undefined;
    throw error;
  }
}

/**
 * Returns the answer. If the call is denied, adds the action to `denied` and returns undefined. For calls that only
 * warnings need.
 */
async function orDenied<T>(answer: Promise<T>, action: string, denied: Set<string>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (kindOf(error) !== 'denied') throw error;
    denied.add(action);
    return undefined;
  }
}
