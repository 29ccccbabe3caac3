import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeSubscriptionFiltersCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DynamoDBClient, GetResourcePolicyCommand } from '@aws-sdk/client-dynamodb';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { isJsonObject, type JsonObject, parseJson } from '../lib/json.ts';
import { keptIn } from './kept-parameters.ts';
import { partsIn } from './parts.ts';
import { type Plan, subscriptionsIn } from './plan.ts';
import type { Account, PresentTable } from './preflight.ts';

/** Asks the account what it has already; reads only. @throws what the SDK throws, say for missing credentials. */
export async function readAccount(plan: Plan): Promise<Account> {
  const { region } = plan;
  const logGroups = plan.subscriptions.map(({ logGroup }) => logGroup);
  const tables = [...plan.tables, ...plan.expectedTables].map(({ name }) => name);
  const [stackStatus, stackTables, deployed, filters, present, unreservedConcurrency] = await Promise.all([
    readStackStatus(plan),
    readStackTables(plan),
    readDeployed(plan),
    readEach(logGroups, (name) => readFilters(new CloudWatchLogsClient({ region }), name)),
    readEach(tables, (name) => readTable(new DynamoDBClient({ region }), name)),
    readConcurrency(new LambdaClient({ region })),
  ]);
  return {
    stackStatus,
    stackTables,
    stackLogGroups: subscriptionsIn(deployed).map(({ logGroup }) => logGroup),
    stackParts: partsIn(deployed),
    stackParameters: keptIn(deployed),
    logGroups: filters,
    tables: present,
    unreservedConcurrency,
  };
}

/** What there is of each name; names of which there is nothing are left out. */
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

/** The names of the stack's tables; none where there is no stack. */
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

/** The stack's template as it is deployed, empty where there is none: it has the names, which the list of resources does not. */
async function readDeployed({ region, stackName }: Plan): Promise<JsonObject> {
  const client = new CloudFormationClient({ region });
  const answer = await orNothing(client.send(new GetTemplateCommand({ StackName: stackName })));
  return jsonObject(answer?.TemplateBody) ?? {};
}

async function readFilters(client: CloudWatchLogsClient, logGroupName: string): Promise<string[] | undefined> {
  const answer = await orNothing(client.send(new DescribeSubscriptionFiltersCommand({ logGroupName })));
  return answer?.subscriptionFilters?.flatMap(({ filterName }) => filterName ?? []);
}

async function readTable(client: DynamoDBClient, name: string): Promise<PresentTable | undefined> {
  const answer = await orNothing(client.send(new DescribeTableCommand({ TableName: name })));
  if (answer?.Table === undefined) return undefined;
  const { GlobalSecondaryIndexes = [], TableArn: arn = '' } = answer.Table;
  const read = await orNothing(client.send(new GetResourcePolicyCommand({ ResourceArn: arn })));
  const policy = jsonObject(read?.Policy);
  const indexes = GlobalSecondaryIndexes.flatMap(({ IndexName }) => IndexName ?? []);
  return { arn, indexes, ...(policy && { policy }) };
}

function jsonObject(text: string | undefined): JsonObject | undefined {
  const parsed = parseJson(text ?? '');
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
}

async function readConcurrency(client: LambdaClient): Promise<number | undefined> {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  return AccountLimit?.UnreservedConcurrentExecutions;
}

/** CloudFormation calls a stack that is not there a ValidationError. */
const NOT_THERE = ['ResourceNotFoundException', 'PolicyNotFoundException', 'ValidationError'];

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && NOT_THERE.includes(error.name)) return undefined;
    throw error;
  }
}
