import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOW } from './now.ts';
import { RunningDynalite } from './running-dynalite.ts';

/** Without this the suites would prove nothing that they do not prove with dynalite. */
describe.skipIf(process.env.EKS_WHOIS_DYNAMODB === undefined)('the other DynamoDB that the suites run against', () => {
  let database: RunningDynalite;
  beforeAll(async () => {
    database = await RunningDynalite.start();
  });
  afterAll(() => database.stop());

  it.each([
    ['no partition', '', 'a'],
    ['no sort', 'a', ''],
    ['a partition of 2,049 bytes', 'a'.repeat(2_049), 'a'],
    ['a sort of 1,025 bytes', 'a', 'a'.repeat(1_025)],
  ])('refuses keys that DynamoDB refuses: %s', async (_, partition, sort) => {
    const { tables } = await database.stores(() => NOW);
    const Item = { partition: { S: partition }, sort: { S: sort } };
    await expect(database.client.send(new PutItemCommand({ TableName: tables.claims, Item }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('another DynamoDB refuses an empty key of an index', async () => {
    const { tables } = await database.stores(() => NOW);
    const Item = { partition: { S: 'a' }, sort: { S: 'a' }, dueList: { S: '' }, due: { N: '1' } };
    await expect(database.client.send(new PutItemCommand({ TableName: tables.claims, Item }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});
