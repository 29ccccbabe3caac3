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

/** This module makes requests as data. It sends none. */

export type Item = Readonly<Record<string, unknown>>;

/** The conditions of writes, by name, so that requests are readable. */
export const CONDITIONS = {
  /** There is no item, or it has expired and was not deleted yet. */
  isNew: {
    ConditionExpression: 'attribute_not_exists(#partition) OR #expires < :seconds',
    names: { '#partition': 'partition', '#expires': 'expires' },
  },
  /** `isNew` holds, or the rank of the new item is smaller than that of the stored one. */
  isOfSmallerRank: {
    ConditionExpression: 'attribute_not_exists(#partition) OR #expires < :seconds OR #rank > :rank',
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
 * Puts the item if the stored one has the given revision, and increases the revision. Without a revision, puts the item
 * if none is stored.
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

/** Returns a batch of at most 25 items, all with different keys (`distinctKeys`). */
export function batchWriteRequest(table: string, items: readonly Item[]): BatchWriteCommandInput {
  return { RequestItems: { [table]: items.map((Item) => ({ PutRequest: { Item: { ...Item } } })) } };
}

/**
 * Returns a request for at most 100 keys, all of them different (`distinctKeys`). It reads consistently, because the
 * keys may come from an index that is behind.
 */
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
  /** The key at which the last page of the same range ended. */
  readonly after?: Item | undefined;
}

/** Returns a query of the table itself, which is consistent. */
export function queryRequest(table: string, key: KeyDefinition, keyRange: KeyRange): QueryCommandInput {
  return { TableName: table, ConsistentRead: true, ...rangeRequest(key, keyRange) };
}

/** Returns a query of an index. An index may be behind the table, and returns only keys. */
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
