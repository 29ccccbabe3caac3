import { writeFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { readRecord } from '../../lib/adapters/dynamodb/record-item.ts';
import { type Item, putRequest } from '../../lib/adapters/dynamodb/requests.ts';
import { mapConcurrently } from '../../lib/concurrency.ts';
import { LOCAL_TABLES, openTables } from '../../local/service/local-tables.ts';
import type { Cost } from '../measure.ts';

/**
 * `write-again.ts FROM TO RECORDS COST`: reads all items out of the tables in one folder, writes the records among them as JSON
 * lines, puts each item once into empty tables in another folder, with the condition that a new record has, and writes what
 * these puts cost. Dynalite runs in this process as well.
 */
async function main(from: string, to: string, recordsFile: string, costFile: string): Promise<void> {
  const left = await itemsIn(from);
  const records = left.flatMap(({ table, items }) => (table === LOCAL_TABLES.records ? items : []));
  writeFileSync(recordsFile, records.map((item) => `${JSON.stringify(readRecord(item).record)}\n`).join(''));
  const { client, stop } = await open(to);
  const [began, before] = [process.hrtime.bigint(), process.cpuUsage()];
  for (const { table, items } of left) {
    await mapConcurrently(items, (item) =>
      client.send(new PutCommand(putRequest(table, item, 'isNew', { ':seconds': 0 }))),
    );
  }
  const { user, system } = process.cpuUsage(before);
  const wallSeconds = Number(process.hrtime.bigint() - began) / 1e9;
  const puts = left.reduce((sum, { items }) => sum + items.length, 0);
  const cost: Cost & { puts: number } = { wallSeconds, cpuSeconds: (user + system) / 1e6, peakMegabytes: 0, puts };
  writeFileSync(costFile, JSON.stringify(cost));
  await stop();
}

interface Left {
  readonly table: string;
  readonly items: readonly Item[];
}

async function itemsIn(folder: string): Promise<readonly Left[]> {
  const { client, stop } = await open(folder);
  const left: Left[] = [];
  for (const table of Object.values(LOCAL_TABLES)) {
    const items: Item[] = [];
    let after: Item | undefined;
    do {
      const start = after && { ExclusiveStartKey: { ...after } };
      const answer = await client.send(new ScanCommand({ TableName: table, ...start }));
      items.push(...(answer.Items ?? []));
      after = answer.LastEvaluatedKey;
    } while (after !== undefined);
    left.push({ table, items });
  }
  await stop();
  return left;
}

async function open(folder: string): Promise<{ client: DynamoDBDocumentClient; stop: () => Promise<void> }> {
  const tables = await openTables(folder);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: tables.url, region: 'us-east-1', credentials }),
  );
  const stop = async () => {
    client.destroy();
    await tables.stop();
  };
  return { client, stop };
}

const [from = '', to = '', recordsFile = '', costFile = ''] = process.argv.slice(2);
await main(from, to, recordsFile, costFile);
