import { setTimeout as wait } from 'node:timers/promises';
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  type DeleteCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { ErrorCode } from '../../error-code.ts';
import type { Budget } from '../../ports/budget.ts';
import type { Clock } from '../../ports/clock.ts';
import { StoredItemError } from '../../ports/stored-items.ts';
import { kindOf } from '../aws/error-kinds.ts';
import { batchGetRequest, batchWriteRequest, getRequest, type Item } from './requests.ts';

/** Says that DynamoDB left items unprocessed after all attempts, because it throttles. Repeat the work later. */
export class UnprocessedError extends Error {
  readonly code = 'unprocessed-items' satisfies ErrorCode;
}

/** Says that DynamoDB never accepts an item, because it is too large or has a value of an unsupported type. */
export class RefusedItemError extends StoredItemError {
  override readonly code = 'item-refused' satisfies ErrorCode;
}

export const MOST_ATTEMPTS = 8;
export const FIRST_PAUSE = 50;
const MOST_PUTS = 25;
const MOST_KEYS = 100;

/**
 * What the requests of `requests.ts` are sent to: DynamoDB, or its stand-in while logs of the same machine are loaded.
 */
export interface Database {
  /** The requests that the reader may still make. Undefined means no limit. */
  readonly budget: Budget | undefined;
  get(table: string, key: Item): Promise<Item | undefined>;
  /**
   * Writes the item if the condition holds. Returns whether it did.
   * @throws RefusedItemError if DynamoDB never accepts the item.
   */
  put(request: PutCommandInput): Promise<boolean>;
  /** Deletes the item if the condition, if any, holds. Returns whether it did. */
  delete(request: DeleteCommandInput): Promise<boolean>;
  /**
   * Writes the items. If several have the same key, only the last of them is written.
   * @throws UnprocessedError if DynamoDB leaves some unprocessed after all attempts.
   */
  putAll(table: string, items: readonly Item[]): Promise<void>;
  /**
   * Returns those items that exist, in any order. An item comes once, even if its key is given several times.
   * @param keyNames limits the items to these attributes.
   * @throws UnprocessedError if DynamoDB leaves some unprocessed after all attempts.
   */
  getAll(table: string, keys: readonly Item[], keyNames?: readonly string[]): Promise<readonly Item[]>;
  /** Yields all items of a query up to its limit, one response after another. A response has at most 1 MB. */
  pages(request: QueryCommandInput): AsyncIterable<{ readonly found: readonly Item[]; readonly isMore: boolean }>;
  /** Returns all items of a query up to its limit, if it has one. It reads as many responses as that takes. */
  query(request: QueryCommandInput): Promise<readonly Item[]>;
  /** Returns the same database with a limit on its requests. */
  within(budget: Budget): Database;
}

/** Sends requests to DynamoDB. The SDK retries where a retry can help, and throws its errors after that. */
export class SentRequests implements Database {
  readonly #client: DynamoDBDocumentClient;
  readonly #beforeWrite: () => void;
  readonly budget: Budget | undefined;

  /**
   * @param beforeWrite is called before each write. Tests crash there.
   * @param budget counts only reads, because writes are few and must be done.
   */
  constructor(
    client: DynamoDBClient | DynamoDBDocumentClient,
    beforeWrite: () => void = () => undefined,
    budget?: Budget,
  ) {
    this.#client = documentsOf(client);
    this.#beforeWrite = beforeWrite;
    this.budget = budget;
  }

  async get(table: string, key: Item): Promise<Item | undefined> {
    this.budget?.spend();
    return (await this.#client.send(new GetCommand(getRequest(table, key)))).Item;
  }

  async put(request: PutCommandInput): Promise<boolean> {
    this.#beforeWrite();
    return didHold(this.#client.send(new PutCommand(request)));
  }

  async delete(request: DeleteCommandInput): Promise<boolean> {
    this.#beforeWrite();
    return didHold(this.#client.send(new DeleteCommand(request)));
  }

  async putAll(table: string, items: readonly Item[]): Promise<void> {
    for (const chunk of chunksOf(distinctKeys(items), MOST_PUTS)) {
      this.#beforeWrite();
      await sendUntilProcessed(batchWriteRequest(table, chunk).RequestItems, async (RequestItems) => {
        return (await this.#client.send(new BatchWriteCommand({ RequestItems }))).UnprocessedItems;
      });
    }
  }

  async getAll(table: string, keys: readonly Item[], keyNames?: readonly string[]): Promise<readonly Item[]> {
    const found: Item[] = [];
    for (const chunk of chunksOf(distinctKeys(keys), MOST_KEYS)) {
      await sendUntilProcessed(batchGetRequest(table, chunk, keyNames).RequestItems, async (RequestItems) => {
        this.budget?.spend();
        const { Responses, UnprocessedKeys } = await this.#client.send(new BatchGetCommand({ RequestItems }));
        found.push(...(Responses?.[table] ?? []));
        return UnprocessedKeys;
      });
    }
    return found;
  }

  async *pages(
    request: QueryCommandInput,
  ): AsyncGenerator<{ readonly found: readonly Item[]; readonly isMore: boolean }, void> {
    let { ExclusiveStartKey: after, Limit: left } = request;
    for (let isMore = true; isMore; ) {
      this.budget?.spend();
      const next = {
        ...request,
        ...(left !== undefined && { Limit: left }),
        ...(after && { ExclusiveStartKey: after }),
      };
      const { Items: found = [], LastEvaluatedKey } = await this.#client.send(new QueryCommand(next));
      after = LastEvaluatedKey;
      if (left !== undefined) left -= found.length;
      isMore = after !== undefined && left !== 0;
      yield { found, isMore };
    }
  }

  async query(request: QueryCommandInput): Promise<readonly Item[]> {
    const all: Item[] = [];
    for await (const { found } of this.pages(request)) all.push(...found);
    return all;
  }

  within(budget: Budget): Database {
    return new SentRequests(this.#client, this.#beforeWrite, budget);
  }
}

function documentsOf(client: DynamoDBClient | DynamoDBDocumentClient): DynamoDBDocumentClient {
  if (client instanceof DynamoDBDocumentClient) return client;
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

async function didHold(written: Promise<unknown>): Promise<boolean> {
  try {
    await written;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    if (error instanceof Error && kindOf(error) === 'invalid') {
      throw new RefusedItemError(`DynamoDB refused the item: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** Sends a batch, and sends its unprocessed part again until nothing is left. */
async function sendUntilProcessed<T extends object>(
  batch: T | undefined,
  send: (batch: T) => Promise<T | undefined>,
): Promise<void> {
  let left = batch;
  for (let attempt = 1; left !== undefined && Object.keys(left).length > 0; attempt += 1) {
    if (attempt > 1) await pause(attempt - 1);
    left = await send(left);
  }
}

async function pause(attempt: number): Promise<void> {
  if (attempt === MOST_ATTEMPTS) {
    throw new UnprocessedError('DynamoDB is throttling and left some items unprocessed. Try again later.');
  }
  await wait(FIRST_PAUSE * 2 ** attempt * (0.5 + Math.random() / 2));
}

/**
 * Returns the items, or keys, without those that have the same key as a later one: DynamoDB refuses a batch in which
 * two have one key (FACTS). An index returns an item twice while it moves.
 */
export function distinctKeys(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [JSON.stringify([item.partition, item.sort, item.id]), item])).values()];
}

function chunksOf<T>(entries: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < entries.length; at += size) chunks.push(entries.slice(at, at + size));
  return chunks;
}

/** A table, and how long its items are kept. */
export interface TableHandle {
  readonly database: Database;
  readonly table: string;
  readonly clock: Clock;
  /** How long an item is kept after it was last written, in milliseconds. */
  readonly keep: number;
}
