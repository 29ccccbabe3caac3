import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { TABLES, tableName, tableParameters } from '../lib/adapters/dynamodb/tables.ts';
import { isJsonObject, type JsonObject, objectAt, textAt } from '../lib/json.ts';
import { kept, keptIn } from './kept-parameters.ts';
import { ROOT } from './osls.ts';
import { readParameters } from './parameters.ts';
import { partsIn } from './parts.ts';
import { shapeOf, type TableShape } from './table-shape.ts';
import { TABLE_IDS } from './tables.ts';

/** What a packaged deployment is going to do, as far as an account could stand in its way. */
export interface Plan {
  readonly region: string;
  readonly stackName: string;
  readonly subscriptions: readonly PlannedSubscription[];
  /** What it is deployed with (`kept`). */
  readonly parameters: JsonObject;
  /** What `serverless.yml` has where nobody says otherwise. */
  readonly defaults: JsonObject;
  /** What else the stack will have (`partsIn`). */
  readonly parts: readonly string[];
  /** Tables that the stack makes. */
  readonly tables: readonly PlannedTable[];
  /** Tables that must be there already, since the functions use them and the stack does not make them. */
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

/** Reads what `osls package` wrote: exactly what is going to be deployed. */
export async function readPlan(folder: string): Promise<Plan> {
  const state = await readJson(join(folder, 'serverless-state.json'));
  const template = await readJson(join(folder, 'cloudformation-template-update-stack.json'));
  const service = objectAt(state, 'service');
  const provider = objectAt(service, 'provider');
  const prefix = `${textAt(service, 'service')}-${textAt(provider, 'stage')}`;
  return planOf(template, { region: textAt(provider, 'region') ?? '', prefix, defaults: await readDefaults() });
}

async function readDefaults(): Promise<JsonObject> {
  const configuration: unknown = parse(await readFile(join(ROOT, 'serverless.yml'), 'utf8'));
  const params = isJsonObject(configuration) ? objectAt(configuration, 'params') : undefined;
  const read = readParameters(objectAt(params, 'default') ?? {});
  return read.ok ? kept(read.value) : {};
}

interface Place {
  readonly region: string;
  readonly prefix: string;
  readonly defaults: JsonObject;
}

export function planOf(template: JsonObject, { region, prefix, defaults }: Place): Plan {
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
    parameters: keptIn(template) ?? {},
    defaults,
    parts: partsIn(template),
    tables: all.filter(({ name }) => made.includes(name)),
    expectedTables: isHub ? all.filter(({ name }) => !made.includes(name)) : [],
    reservedConcurrency: propertiesOf('AWS::Lambda::Function').reduce((sum, each) => sum + reserved(each), 0),
  };
}

/** Which log groups a template subscribes to. */
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
  if (!isJsonObject(value)) throw new Error(`${path} is not what osls writes: run npm run package again.`);
  return value;
}
