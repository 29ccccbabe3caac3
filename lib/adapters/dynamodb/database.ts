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

/** Items that DynamoDB did not come to within all attempts: it is throttling; the work is to be done again later. */
export class UnprocessedError extends Error {
  readonly code = 'unprocessed-items' satisfies ErrorCode;
}

/** An item that DynamoDB takes in no form of the request: too large, or with a value that it has no type for. */
export class RefusedItemError extends StoredItemError {
  override readonly code = 'item-refused' satisfies ErrorCode;
}

export const MOST_ATTEMPTS = 8;
export const FIRST_PAUSE = 50;
const MOST_PUTS = 25;
const MOST_KEYS = 100;

/** Where requests go, as `requests.ts` makes them: to DynamoDB, or to what stands in for it while a machine's own logs are fed. */
export interface Database {
  /** What its reader may still ask; as much as it takes where there is none. */
  readonly budget: Budget | undefined;
  get(table: string, key: Item): Promise<Item | undefined>;
  /** Whether the condition held, and the item was written. @throws RefusedItemError where it is none that DynamoDB takes. */
  put(request: PutCommandInput): Promise<boolean>;
  /** Whether the condition held, if there is one, and the item is gone. */
  delete(request: DeleteCommandInput): Promise<boolean>;
  /**
   * Of several items of one key the last is put.
   * @throws UnprocessedError where DynamoDB leaves some out again and again.
   */
  putAll(table: string, items: readonly Item[]): Promise<void>;
  /**
   * The items that exist, each once however often its key is given, in no order; with `keyNames` only those attributes of them.
   * @throws UnprocessedError where DynamoDB leaves some out again and again.
   */
  getAll(table: string, keys: readonly Item[], keyNames?: readonly string[]): Promise<readonly Item[]>;
  /** All that a request finds up to its limit, answer by answer, each of at most 1 MB. */
  pages(request: QueryCommandInput): AsyncIterable<{ readonly found: readonly Item[]; readonly isMore: boolean }>;
  /** Up to the request's limit, over as many answers as that takes; without one, all. */
  query(request: QueryCommandInput): Promise<readonly Item[]>;
  /** The same, whose reader asks no more than this. */
  within(budget: Budget): Database;
}

/** Sends requests. What the SDK throws goes through: it has asked again where that helps. */
export class SentRequests implements Database {
  readonly #client: DynamoDBDocumentClient;
  readonly #beforeWrite: () => void;
  readonly budget: Budget | undefined;

  /**
   * `beforeWrite` is called before each writing request; tests crash there. A budget counts what is read: what is written is
   * little, and is to be done.
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
      await untilProcessed(batchWriteRequest(table, chunk).RequestItems, async (RequestItems) => {
        return (await this.#client.send(new BatchWriteCommand({ RequestItems }))).UnprocessedItems;
      });
    }
  }

  async getAll(table: string, keys: readonly Item[], keyNames?: readonly string[]): Promise<readonly Item[]> {
    const found: Item[] = [];
    for (const chunk of chunksOf(distinctKeys(keys), MOST_KEYS)) {
      await untilProcessed(batchGetRequest(table, chunk, keyNames).RequestItems, async (RequestItems) => {
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
      throw new RefusedItemError(`DynamoDB does not take the item: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** Sends a batch, and again what of it DynamoDB did not come to. */
async function untilProcessed<T extends object>(
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
    throw new UnprocessedError('DynamoDB is throttling: it did not come to all items. Try again later.');
  }
  await wait(FIRST_PAUSE * 2 ** attempt * (0.5 + Math.random() / 2));
}

/**
 * Returns the items, or keys, without those of which a later one has the same key: DynamoDB refuses the whole batch for two of one
 * key (FACTS). An index answers with an item twice while the item moves in it.
 */
export function distinctKeys(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [JSON.stringify([item.partition, item.sort, item.id]), item])).values()];
}

function chunksOf<T>(entries: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < entries.length; at += size) chunks.push(entries.slice(at, at + size));
  return chunks;
}

/** One table, and how its items are kept. */
export interface TableHandle {
  readonly database: Database;
  readonly table: string;
  readonly clock: Clock;
  /** How long an item is kept from its last writing, in milliseconds. */
  readonly keep: number;
}
