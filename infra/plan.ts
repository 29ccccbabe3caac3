import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TABLES } from '../lib/adapters/dynamodb/tables.ts';
import { isJsonObject, type JsonObject, objectAt, textAt } from '../lib/json.ts';

/** What a packaged deployment is going to do, as far as an account could stand in its way. */
export interface Plan {
  readonly region: string;
  readonly stackName: string;
  readonly subscriptions: readonly { readonly logGroup: string; readonly filterName: string }[];
  /** Tables that the stack makes. */
  readonly tables: readonly PlannedTable[];
  /** Tables that must be there already, since the functions use them and the stack does not make them. */
  readonly expectedTables: readonly PlannedTable[];
  readonly reservedConcurrency: number;
}

export interface PlannedTable {
  readonly name: string;
  readonly indexes: readonly string[];
}

/** Reads what `osls package` wrote: exactly what is going to be deployed. */
export async function readPlan(folder: string): Promise<Plan> {
  const state = await readJson(join(folder, 'serverless-state.json'));
  const template = await readJson(join(folder, 'cloudformation-template-update-stack.json'));
  const service = objectAt(state, 'service');
  const provider = objectAt(service, 'provider');
  const prefix = `${textAt(service, 'service')}-${textAt(provider, 'stage')}`;
  return planOf(template, { region: textAt(provider, 'region') ?? '', prefix });
}

export function planOf(
  template: JsonObject,
  { region, prefix }: { readonly region: string; readonly prefix: string },
): Plan {
  const resources = Object.values(objectAt(template, 'Resources') ?? {}).filter(isJsonObject);
  const propertiesOf = (type: string) =>
    resources.filter(({ Type }) => Type === type).map((resource) => objectAt(resource, 'Properties') ?? {});
  const made = propertiesOf('AWS::DynamoDB::Table').map((table) => textAt(table, 'TableName'));
  const isHub = propertiesOf('AWS::ApiGatewayV2::Api').length > 0;
  const all = Object.entries(TABLES).map(([id, { indexes }]) => ({
    name: `${prefix}-${id}`,
    indexes: indexes.map(({ name }) => name),
  }));
  return {
    region,
    stackName: prefix,
    subscriptions: propertiesOf('AWS::Logs::SubscriptionFilter').map((filter) => ({
      logGroup: textAt(filter, 'LogGroupName') ?? '',
      filterName: textAt(filter, 'FilterName') ?? '',
    })),
    tables: all.filter(({ name }) => made.includes(name)),
    expectedTables: isHub ? all.filter(({ name }) => !made.includes(name)) : [],
    reservedConcurrency: propertiesOf('AWS::Lambda::Function').reduce((sum, each) => sum + reserved(each), 0),
  };
}

function reserved({ ReservedConcurrentExecutions: number }: JsonObject): number {
  return typeof number === 'number' ? number : 0;
}

async function readJson(path: string): Promise<JsonObject> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!isJsonObject(value)) throw new Error(`${path} is not what osls writes: run npm run package again.`);
  return value;
}
