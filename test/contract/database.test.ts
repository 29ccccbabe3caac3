import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { RefusedItemError, SentRequests } from '../../lib/adapters/dynamodb/database.ts';
import { checkedKey, fitted, sortableTime } from '../../lib/adapters/dynamodb/keys.ts';
import { putRequest } from '../../lib/adapters/dynamodb/requests.ts';
import { mockClient } from '../builders/mock-client.ts';

const mock = mockClient(DynamoDBDocumentClient);
beforeEach(() => mock.reset());
const database = new SentRequests(new DynamoDBClient({ region: 'eu-west-1' }));

describe('requests to DynamoDB', () => {
  it('are repeated for unprocessed items', async () => {
    const left = [{ PutRequest: { Item: { id: '2' } } }];
    mock
      .on(BatchWriteCommand)
      .resolvesOnce({ UnprocessedItems: { table: left } })
      .resolves({});
    await database.putAll('table', [{ id: '1' }, { id: '2' }]);
    expect(mock.commandCalls(BatchWriteCommand).map(({ args }) => args[0].input.RequestItems?.table)).toEqual([
      [{ PutRequest: { Item: { id: '1' } } }, ...left],
      left,
    ]);
  });

  it('are repeated for unprocessed keys', async () => {
    mock
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { table: [{ id: '1' }] }, UnprocessedKeys: { table: { Keys: [{ id: '2' }] } } })
      .resolves({ Responses: { table: [{ id: '2' }] } });
    expect(await database.getAll('table', [{ id: '1' }, { id: '2' }])).toEqual([{ id: '1' }, { id: '2' }]);
  });

  it('hold at most 25 items, and 100 keys', async () => {
    mock.on(BatchWriteCommand).resolves({}).on(BatchGetCommand).resolves({});
    const items = Array.from({ length: 101 }, (_, at) => ({ id: String(at) }));
    await database.putAll('table', items);
    await database.getAll('table', items);
    expect(mock.commandCalls(BatchWriteCommand)).toHaveLength(5);
    expect(mock.commandCalls(BatchGetCommand)).toHaveLength(2);
  });

  it('never have one key twice, because DynamoDB would refuse the whole batch: the last item of a key is put', async () => {
    mock.on(BatchWriteCommand).resolves({}).on(BatchGetCommand).resolves({});
    const item = (sort: string, value: number) => ({ partition: 'a', sort, value });
    await database.putAll('table', [item('a', 1), item('b', 2), item('a', 3)]);
    const key = (id: string) => ({ partition: 'a', id });
    await database.getAll('table', [key('a'), key('b'), key('a')]);
    const [put] = mock.commandCalls(BatchWriteCommand).map(({ args }) => args[0].input.RequestItems?.table);
    expect(put).toEqual([item('a', 3), item('b', 2)].map((Item) => ({ PutRequest: { Item } })));
    const [keys] = mock.commandCalls(BatchGetCommand).map(({ args }) => args[0].input.RequestItems?.table?.Keys);
    expect(keys).toEqual([key('a'), key('b')]);
  });

  it('distinguish a failed condition and an unprocessed item from a failure', async () => {
    mock.on(PutCommand).rejectsOnce(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
    expect(await database.put(putRequest('table', { partition: 'a' }, 'isNew'))).toBe(false);
    mock.reset();
    mock.on(PutCommand).rejects(Object.assign(new Error('too large'), { name: 'ValidationException' }));
    await expect(database.put(putRequest('table', { partition: 'a' }, 'isNew'))).rejects.toThrow(RefusedItemError);
    mock.reset();
    mock.on(PutCommand).rejects(new Error('down'));
    await expect(database.put(putRequest('table', { partition: 'a' }, 'isNew'))).rejects.toThrow('down');
  });
});

describe('keys', () => {
  it('have at most 2,048 and 1,024 bytes, and are never empty', () => {
    expect(() => checkedKey({ partition: 'é'.repeat(1_025), sort: 'a' })).toThrow(/2050 bytes/);
    expect(() => checkedKey({ partition: 'a', sort: 'a'.repeat(1_025) })).toThrow(/sort/);
    expect(() => checkedKey({ partition: '', sort: 'a' })).toThrow(/0 bytes/);
    expect(fitted('é'.repeat(3_000))).toMatch(/^sha256:/);
  });

  it('sort times as texts', () => {
    expect([sortableTime(1.5), sortableTime(1_000), sortableTime(-5)].sort()).toEqual([
      '00000000000000000',
      '00000000000001500',
      '00000000001000000',
    ]);
  });
});
