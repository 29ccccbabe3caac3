import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { ContentionError } from '../../lib/adapters/dynamodb/change-item.ts';
import { dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { mockClient } from '../builders/mock-client.ts';
import { NOW } from './now.ts';
import { KEEP } from './over.ts';
import { storedRecord } from './stored-record.ts';

it('a record is not stored if its names cannot be noted because of constant other writes, and the batch is retried', async () => {
  const overtaken = new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
  const mock = mockClient(DynamoDBDocumentClient);
  mock.on(GetCommand).resolves({}).on(QueryCommand).resolves({}).on(BatchWriteCommand).resolves({});
  mock.on(PutCommand).callsFake(({ Item }) => {
    if (String(Item.partition).startsWith('known ')) throw overtaken;
    return {};
  });
  const tables = { sessions: 'sessions', claims: 'claims', records: 'records' };
  const client = new DynamoDBClient({ region: 'eu-west-1' });
  const { records } = dynamoDbStores({ client, tables, clock: () => NOW, keep: KEEP });
  await expect(records.insert([storedRecord()])).rejects.toThrow(ContentionError);
  const stored = mock.commandCalls(PutCommand).filter(({ args }) => args[0].input.TableName === 'records');
  expect(stored).toEqual([]);
});
