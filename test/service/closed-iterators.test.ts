import { createRequire } from 'node:module';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { LOCAL_TABLES, openTables } from '../../local/service/local-tables.ts';
import { Folder } from '../builders/command.ts';

/** The open resources of a store. Source: abstract-level/abstract-level.js, `attachResource`. */
interface Resources {
  attachResource(resource: object): void;
  detachResource(resource: object): void;
}

const level = createRequire(createRequire(import.meta.url).resolve('dynalite')).resolve('level');
const { AbstractLevel } = createRequire(level)('abstract-level') as { AbstractLevel: { prototype: Resources } };

it('a question to the local tables leaves nothing open in their store', async () => {
  const open = new Set<object>();
  let made = 0;
  const { attachResource, detachResource } = AbstractLevel.prototype;
  AbstractLevel.prototype.attachResource = function (resource) {
    made += 1;
    open.add(resource);
    Reflect.apply(attachResource, this, [resource]);
  };
  AbstractLevel.prototype.detachResource = function (resource) {
    open.delete(resource);
    Reflect.apply(detachResource, this, [resource]);
  };
  using folder = new Folder();
  const tables = await openTables(folder.path);
  try {
    const before = open.size;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    using client = Object.assign(new DynamoDBClient({ endpoint: tables.url, region: 'us-east-1', credentials }), {
      [Symbol.dispose]: () => client.destroy(),
    });
    for (let query = 0; query < 10; query += 1) {
      await client.send(
        new QueryCommand({
          TableName: LOCAL_TABLES.claims,
          KeyConditionExpression: '#p = :p',
          ExpressionAttributeNames: { '#p': 'partition' },
          ExpressionAttributeValues: { ':p': { S: `${query}` } },
        }),
      );
    }
    expect(made).toBeGreaterThanOrEqual(10);
    await expect.poll(() => open.size).toBe(before);
  } finally {
    Object.assign(AbstractLevel.prototype, { attachResource, detachResource });
    await tables.stop();
  }
});
