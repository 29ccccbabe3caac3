import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { AT_ONCE, fillSessions } from '../../bench/whois/filled-sessions.ts';
import { newDay, SEED } from '../../bench/world/day.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis } from '../../lib/time.ts';
import { Folder } from '../builders/command.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { factsOf } from '../contract/stored-record.ts';

/** More than is added at once, so that what was put is put again, and more than is kept of what may call. */
const GRANTS = 3 * AT_ONCE + 500;
/** Close enough to each other that sessions call, some of them more than once. */
const WITHIN = 3_600;
const clock = () => epochMillis(Date.UTC(2026, 2, 12));

describe('the large table that whois is measured on', () => {
  const running: RunningDynalite[] = [];
  const start = async (path?: string) => {
    const dynalite = await RunningDynalite.start(path);
    running.push(dynalite);
    return dynalite;
  };
  afterEach(async () => {
    for (const dynalite of running.splice(0)) await dynalite.stop();
  });

  it('has exactly the items that the service would have stored', async () => {
    using folder = new Folder();
    const filled = await fillSessions(folder.at('tables'), GRANTS, { clock, within: WITHIN });
    const direct = await itemsOf((await start(folder.at('tables'))).client, filled.tables.sessions);

    const service = await start();
    const { sessions, tables } = await service.stores(clock);
    const records = [...newDay(SEED, GRANTS, WITHIN).records] as JsonObject[]; // our own generator's
    for (let from = 0; from < GRANTS; from += AT_ONCE) await sessions.add(factsOf(records.slice(from, from + AT_ONCE)));
    const put = await itemsOf(service.client, tables.sessions);

    expect(direct).toEqual(put);
    const of = (beginning: string) => direct.filter(({ partition }) => partition?.S?.startsWith(beginning));
    expect(of('grants-of-key ')).toHaveLength(GRANTS);
    expect(of('grants-of-session ')).toHaveLength(GRANTS);
    const uses = of('uses-of-key ASIA');
    expect(uses.length).toBeGreaterThan(GRANTS / 20);
    expect(uses.length).toBeLessThan(
      records.filter((record) => JSON.stringify(record).includes('"AssumedRole"')).length,
    );
    expect(direct).toContainEqual(
      expect.objectContaining({ partition: { S: filled.item.partition }, sort: { S: filled.item.sort } }),
    );
  });
});

/** In the table's own order. */
async function itemsOf(client: DynamoDBClient, table: string): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = [];
  let after: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: table, ...(after && { ExclusiveStartKey: after }) }));
    items.push(...(page.Items ?? []));
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
  return items;
}
