import type {
  BatchGetCommandInput,
  BatchWriteCommandInput,
  DeleteCommandInput,
  GetCommandInput,
  PutCommandInput,
  QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { EpochMillis } from '../../time.ts';
import { secondsOf } from '../expiry.ts';
import type { IndexDefinition, KeyDefinition } from './tables.ts';

/** Requests as data. Nothing here is sent. */

export type Item = Readonly<Record<string, unknown>>;

/** What must hold for a write to be done; each has a name, so that a request can be read. */
export const CONDITIONS = {
  /** There is none, or its time to live is over and it is not deleted yet. */
  isNew: {
    ConditionExpression: 'attribute_not_exists(#partition) OR #expires < :seconds',
    names: { '#partition': 'partition', '#expires': 'expires' },
  },
  /** As `isNew`, or what is there may give way to an item of this rank. */
  isOfSmallerRank: {
    ConditionExpression:
      'attribute_not_exists(#partition) OR #expires < :seconds OR attribute_not_exists(#rank) OR #rank > :rank',
    names: { '#partition': 'partition', '#expires': 'expires', '#rank': 'rank' },
  },
  isAsRead: { ConditionExpression: '#revision = :revision', names: { '#revision': 'revision' } },
  isAnnouncedAt: { ConditionExpression: '#due = :at', names: { '#due': 'due' } },
  isNotOlder: {
    ConditionExpression: 'attribute_not_exists(#partition) OR #asOf <= :asOf',
    names: { '#partition': 'partition', '#asOf': 'asOf' },
  },
  isFree: {
    ConditionExpression: 'attribute_not_exists(#partition) OR #owner = :owner OR #until <= :now',
    names: { '#partition': 'partition', '#owner': 'owner', '#until': 'until' },
  },
} as const;

export type Condition = keyof typeof CONDITIONS;

export function getRequest(table: string, key: Item): GetCommandInput {
  return { TableName: table, Key: key, ConsistentRead: true };
}

export function putRequest(table: string, item: Item, condition: Condition, values?: Item): PutCommandInput {
  return { TableName: table, Item: { ...item }, ...conditionRequest(condition, values) };
}

/**
 * Puts the item where the one that was read, at this revision, is as it was, and counts the revision on; undefined: where
 * there is still none.
 */
export function replaceRequest(
  table: string,
  item: Item,
  revision: number | undefined,
  now: EpochMillis,
): PutCommandInput {
  return revision === undefined
    ? putRequest(table, { ...item, revision: 1 }, 'isNew', { ':seconds': secondsOf(now) })
    : putRequest(table, { ...item, revision: revision + 1 }, 'isAsRead', { ':revision': revision });
}

export function deleteRequest(table: string, key: Item, condition?: Condition, values?: Item): DeleteCommandInput {
  return { TableName: table, Key: { ...key }, ...(condition && conditionRequest(condition, values)) };
}

function conditionRequest(condition: Condition, values: Item | undefined) {
  const { ConditionExpression, names } = CONDITIONS[condition];
  return {
    ConditionExpression,
    ExpressionAttributeNames: { ...names },
    ...(values && { ExpressionAttributeValues: { ...values } }),
  };
}

/** At most 25 items, no two of one key (`distinctKeys`). */
export function batchWriteRequest(table: string, items: readonly Item[]): BatchWriteCommandInput {
  return { RequestItems: { [table]: items.map((Item) => ({ PutRequest: { Item: { ...Item } } })) } };
}

/** At most 100 keys, no two the same (`distinctKeys`). Consistent, since the keys may come from an index that is late. */
export function batchGetRequest(
  table: string,
  keys: readonly Item[],
  keyNames?: readonly string[],
): BatchGetCommandInput {
  const projection = keyNames && {
    ProjectionExpression: keyNames.map((_, at) => `#k${at}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(keyNames.map((name, at) => [`#k${at}`, name])),
  };
  return { RequestItems: { [table]: { Keys: keys.map((key) => ({ ...key })), ConsistentRead: true, ...projection } } };
}

/** A range of keys of one partition, both ends included. */
export interface KeyRange {
  readonly hash: string;
  readonly from?: string | number;
  readonly to?: string | number;
  readonly order: 'ascending' | 'descending';
  readonly limit?: number;
  /** Where the last answer of the same range ended. */
  readonly after?: Item | undefined;
}

/** A query of the table itself, which is never late. */
export function queryRequest(table: string, key: KeyDefinition, keyRange: KeyRange): QueryCommandInput {
  return { TableName: table, ConsistentRead: true, ...rangeRequest(key, keyRange) };
}

/** A query of an index, which may be late and answers with keys only. */
export function indexRequest(table: string, index: IndexDefinition, keyRange: KeyRange): QueryCommandInput {
  return { TableName: table, IndexName: index.name, ...rangeRequest(index, keyRange) };
}

function rangeRequest({ hash, range }: KeyDefinition, keyRange: KeyRange): Omit<QueryCommandInput, 'TableName'> {
  const { from, to, limit, after } = keyRange;
  const bounds = boundsOf(from, to);
  return {
    KeyConditionExpression: bounds === undefined ? '#hash = :hash' : `#hash = :hash AND ${bounds}`,
    ExpressionAttributeNames: { '#hash': hash, ...(bounds !== undefined && { '#range': range }) },
    ExpressionAttributeValues: {
      ':hash': keyRange.hash,
      ...(from !== undefined && { ':from': from }),
      ...(to !== undefined && { ':to': to }),
    },
    ScanIndexForward: keyRange.order === 'ascending',
    ...(limit !== undefined && { Limit: limit }),
    ...(after !== undefined && { ExclusiveStartKey: { ...after } }),
  };
}

function boundsOf(from: string | number | undefined, to: string | number | undefined): string | undefined {
  if (from !== undefined && to !== undefined) return '#range BETWEEN :from AND :to';
  if (from !== undefined) return '#range >= :from';
  return to === undefined ? undefined : '#range <= :to';
}
