import {
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { TableNames } from '../../lib/adapters/dynamodb/tables.ts';
import { isJsonObject } from '../../lib/json.ts';
import { awsOptions, type Words } from './shell-blocks.ts';

/** The prefix that the documents give the tables. */
const DOCUMENTED = 'eks-whois-prod';

/** An item in DynamoDB's own JSON: each value under the letter of its type. */
export type TypedItem = Readonly<Record<string, unknown>>;

/** Tables to which nothing is written while they are asked, by the names that the documents give them. */
export class TablesAtRest {
  readonly #client: DynamoDBClient;
  readonly #names: TableNames;

  /** Those of the DynamoDB at this URL. */
  constructor(url: string, names: TableNames) {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    this.#client = new DynamoDBClient({ endpoint: url, region: 'us-east-1', credentials });
    this.#names = names;
  }

  stop(): void {
    this.#client.destroy();
  }

  /** `aws dynamodb query …` or `scan …`, as a document writes it. */
  async answer([, service, operation, ...words]: Words): Promise<readonly TypedItem[]> {
    if (service !== 'dynamodb') throw new Error(`aws ${service} is not DynamoDB`);
    const { tableName, indexName, keyConditionExpression, filterExpression, scanIndexForward, ...rest } =
      awsOptions(words);
    const { expressionAttributeNames, expressionAttributeValues, ...others } = rest;
    if (Object.keys(others).length > 0) throw new Error(`not known here: ${Object.keys(others).join(', ')}`);
    const input = {
      TableName: this.#nameOf(String(tableName)),
      IndexName: indexName,
      KeyConditionExpression: keyConditionExpression,
      FilterExpression: filterExpression,
      ScanIndexForward: scanIndexForward,
      ExpressionAttributeNames: parsed(expressionAttributeNames),
      ExpressionAttributeValues: parsed(expressionAttributeValues),
    };
    const { Items = [], LastEvaluatedKey } =
      operation === 'scan'
        ? await this.#client.send(new ScanCommand(input as ScanCommandInput))
        : await this.#client.send(new QueryCommand(input as QueryCommandInput));
    if (LastEvaluatedKey !== undefined) throw new Error('The examples have more than a page.');
    return Items as TypedItem[];
  }

  /** Returns the items of these keys with plain values, like `items` in the documents. */
  async itemsOf(keys: readonly TypedItem[], table: string | undefined): Promise<readonly unknown[]> {
    const range = table === 'claims' ? 'sort' : 'id';
    const name = this.#nameOf(`${DOCUMENTED}-${table}`);
    const Keys = keys.map((key) => ({ partition: key.partition, [range]: key[range] }));
    const RequestItems = { [name]: { Keys } } as never; // typed as it came from DynamoDB
    const { Responses } = await this.#client.send(new BatchGetItemCommand({ RequestItems }));
    return (Responses?.[name] ?? []).map((item) => plain(item.record ?? item.claim));
  }

  #nameOf(documented: string): string {
    const name = Object.entries(this.#names).find(([id]) => documented === `${DOCUMENTED}-${id}`)?.[1];
    if (name === undefined) throw new Error(`There is no table ${documented}.`);
    return name;
  }
}

function parsed(json: string | boolean | undefined): unknown {
  return typeof json === 'string' ? JSON.parse(json) : undefined;
}

/** A typed value as plain JSON. */
export function plain(typed: unknown): unknown {
  const [type, value]: [string?, unknown?] = isJsonObject(typed) ? (Object.entries(typed)[0] ?? []) : [];
  if (type === 'N') return Number(value);
  if (type === 'L' && Array.isArray(value)) return value.map(plain);
  if (type !== 'M' || !isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]));
}
