import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TABLES, tableName, tableParameters } from '../lib/adapters/dynamodb/tables.ts';
import { isJsonObject, type JsonObject, objectAt, textAt } from '../lib/json.ts';
import { storedParameters } from './kept-parameters.ts';
import { shapeOf, type TableShape } from './table-shape.ts';
import { TABLE_IDS } from './tables.ts';

/** The parts of a packaged deployment that the state of the account could make fail. */
export interface Plan {
  readonly region: string;
  readonly stackName: string;
  readonly subscriptions: readonly PlannedSubscription[];
  /** The parameters (`parametersToStore`). */
  readonly parameters: JsonObject;
  /** The other parts of the stack (`partsIn`). */
  readonly parts: readonly string[];
  /** The tables that the stack creates. */
  readonly tables: readonly PlannedTable[];
  /** The tables that must exist already, because the functions use them and the stack does not create them. */
  readonly expectedTables: readonly PlannedTable[];
  readonly reservedConcurrency: number;
}

export interface PlannedSubscription {
  readonly logGroup: string;
  readonly filterName: string;
}

export interface PlannedTable {
  readonly name: string;
  readonly shape: TableShape;
  /** The attribute by which items expire. */
  readonly ttl: string;
}

/** Reads the output of `osls package`, which is exactly what will be deployed. */
export async function readPlan(folder: string): Promise<Plan> {
  const state = await readJson(join(folder, 'serverless-state.json'));
  const template = await readJson(join(folder, 'cloudformation-template-update-stack.json'));
  const service = objectAt(state, 'service');
  const provider = objectAt(service, 'provider');
  const prefix = `${textAt(service, 'service')}-${textAt(provider, 'stage')}`;
  return planOf(template, { region: textAt(provider, 'region') ?? '', prefix });
}

interface Place {
  readonly region: string;
  readonly prefix: string;
}

/** Returns the plan of a template. */
export function planOf(template: JsonObject, { region, prefix }: Place): Plan {
  const propertiesOf = (type: string) => propertiesIn(template, type);
  const made = propertiesOf('AWS::DynamoDB::Table').map((table) => textAt(table, 'TableName'));
  const isHub = propertiesOf('AWS::ApiGatewayV2::Api').length > 0;
  const all = TABLE_IDS.map((id) => {
    const name = tableName(prefix, id);
    return { name, shape: shapeOf(tableParameters(id, name)), ttl: TABLES[id].ttl };
  });
  return {
    region,
    stackName: prefix,
    subscriptions: subscriptionsIn(template),
    parameters: storedParameters(template) ?? {},
    parts: partsIn(template),
    tables: all.filter(({ name }) => made.includes(name)),
    expectedTables: isHub ? all.filter(({ name }) => !made.includes(name)) : [],
    reservedConcurrency: propertiesOf('AWS::Lambda::Function').reduce((sum, each) => sum + reserved(each), 0),
  };
}

/** Returns the subscriptions of a template. */
export function subscriptionsIn(template: JsonObject): PlannedSubscription[] {
  return propertiesIn(template, 'AWS::Logs::SubscriptionFilter').map((filter) => ({
    logGroup: textAt(filter, 'LogGroupName') ?? '',
    filterName: textAt(filter, 'FilterName') ?? '',
  }));
}

function propertiesIn(template: JsonObject, type: string): JsonObject[] {
  const resources = Object.values(objectAt(template, 'Resources') ?? {}).filter(isJsonObject);
  return resources.filter(({ Type }) => Type === type).map((resource) => objectAt(resource, 'Properties') ?? {});
}

function reserved({ ReservedConcurrentExecutions: number }: JsonObject): number {
  return typeof number === 'number' ? number : 0;
}

async function readJson(path: string): Promise<JsonObject> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!isJsonObject(value)) throw new Error(`${path} is not a file of osls. Run npm run package again.`);
  return value;
}

/**
 * Returns the parts of a stack whose removal loses something, as phrases. These are functions, queues with their
 * messages, the API, and the access of other accounts. Tables are not included, because they stay when the stack no
 * longer has them.
 */
export function partsIn(template: JsonObject): string[] {
  const resources = Object.entries(objectAt(template, 'Resources') ?? {});
  const named = resources.flatMap(([logicalId, resource]) =>
    isJsonObject(resource) ? partOf(resource, logicalId) : [],
  );
  return [...named, ...accountsIn(template).map((account) => `the access of account ${account}`)];
}

function partOf(resource: JsonObject, logicalId: string): string[] {
  const properties = objectAt(resource, 'Properties');
  switch (textAt(resource, 'Type')) {
    case 'AWS::Lambda::Function':
      return [`the function ${textAt(properties, 'FunctionName') ?? logicalId}`];
    case 'AWS::SQS::Queue':
      return [`the queue ${textAt(properties, 'QueueName') ?? logicalId} with its messages`];
    case 'AWS::ApiGatewayV2::Api':
      return ['the API'];
    default:
      return [];
  }
}

/**
 * Returns the accounts that may send and forward events, or whose CloudTrail is used. They come from the parameter
 * `accounts`.
 */
function accountsIn(template: JsonObject): string[] {
  const resources = Object.values(objectAt(template, 'Resources') ?? {}).filter(isJsonObject);
  const granting = resources.map((resource) => {
    const properties = objectAt(resource, 'Properties');
    const environment = objectAt(objectAt(properties, 'Environment'), 'Variables');
    const isPolicy = ['AWS::Events::EventBusPolicy', 'AWS::SQS::QueuePolicy'].includes(String(resource.Type));
    return [environment?.LOOKUP_ROLES, environment?.LOOKUP_ACCOUNTS, isPolicy && properties];
  });
  const text = JSON.stringify(granting);
  return [...new Set([...text.matchAll(/(?<=:iam::|[",])\d{12}(?=[":,])/g)].map(([account]) => account))].sort();
}
