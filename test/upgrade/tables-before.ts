import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type AttributeValue, BatchWriteItemCommand, CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoDbStores, dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import {
  parametersOf,
  type TableDefinition,
  type TableId,
  type TableNames,
} from '../../lib/adapters/dynamodb/tables.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { KEEP } from '../contract/over.ts';
import type { RunningDynalite } from '../contract/running-dynalite.ts';

/**
 * What a version before this one left in its tables, and how these were defined: written by that version's own code, which fed its
 * example day in two halves and settled in between, so that some claims are open. It is never written anew: a later version adds its own.
 */
export const VERSIONS = ['a5bf61a'] as const;
export type EarlierVersion = (typeof VERSIONS)[number];

/** When that code had stopped. */
export const STOPPED = '2026-03-10T08:11:00Z';

type Item = Record<string, AttributeValue>;

export function definitionsOf(version: EarlierVersion): Readonly<Record<TableId, TableDefinition>> {
  return JSON.parse(fixture(`${version}.tables.json`).toString('utf8'));
}

export function itemsOf(version: EarlierVersion): readonly { readonly table: TableId; readonly item: Item }[] {
  const lines = gunzipSync(fixture(`${version}.jsonl.gz`))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) =>
    JSON.parse(line, (_, value) => (isBytes(value) ? Buffer.from(value.base64, 'base64') : value)),
  );
}

function isBytes(value: unknown): value is { readonly base64: string } {
  return typeof value === 'object' && value !== null && 'base64' in value;
}

function fixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, name));
}

/** This version's stores over that version's tables. */
export async function takenOver(
  version: EarlierVersion,
  { client }: RunningDynalite,
  clock: Clock,
): Promise<DynamoDbStores> {
  const definitions = definitionsOf(version);
  const ids = Object.keys(definitions) as TableId[];
  const tables = Object.fromEntries(ids.map((id) => [id, `${version}-${id}`])) as TableNames;
  for (const id of ids) await client.send(new CreateTableCommand(parametersOf(definitions[id], tables[id]) as never));
  const items = itemsOf(version);
  for (let at = 0; at < items.length; at += 25) {
    const puts = Map.groupBy(items.slice(at, at + 25), ({ table }) => tables[table]);
    const requests = [...puts].map(([name, all]) => [name, all.map(({ item }) => ({ PutRequest: { Item: item } }))]);
    await client.send(new BatchWriteItemCommand({ RequestItems: Object.fromEntries(requests) }));
  }
  return dynamoDbStores({ client, tables, clock, keep: KEEP });
}
