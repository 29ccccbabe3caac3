import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { SentRequests } from '../../lib/adapters/dynamodb/database.ts';
import { DynamoDbSessions } from '../../lib/adapters/dynamodb/dynamodb-sessions.ts';
import type { Item } from '../../lib/adapters/dynamodb/requests.ts';
import type { TableNames } from '../../lib/adapters/dynamodb/tables.ts';
import type { JsonObject } from '../../lib/json.ts';
import { DAY, epochMillis } from '../../lib/time.ts';
import { RunningDynalite } from '../../test/contract/running-dynalite.ts';
import { factsOf } from '../../test/contract/stored-record.ts';
import { fillTable } from '../../test/million/filled-table.ts';
import { newDay } from '../world/day.ts';

const SEED = 20_260_310;
const AT_ONCE = 1_000;

/** A sessions table of so many grants, and of the first of them the key and a moment at which it was in use. */
export interface FilledSessions {
  readonly tables: TableNames;
  readonly accessKeyId: string;
  readonly at: string;
  /** One item of the table: the grant under its key. */
  readonly item: { readonly partition: string; readonly sort: string };
}

/** Fills the tables of a dynalite that is to run in this folder, as `grants` would. */
export async function fillSessions(folder: string, grants: number): Promise<FilledSessions> {
  const dynalite = await RunningDynalite.start(folder);
  const { tables } = await dynalite.stores(() => epochMillis(Date.now()));
  await dynalite.stop();
  const [first] = newDay(SEED, grants).records as Iterable<JsonObject>;
  const [grant] = factsOf(first === undefined ? [] : [first]).flatMap((facts) => facts.grant ?? []);
  const written = new Written();
  const records = newDay(SEED, grants).records as Iterable<JsonObject>;
  let item: FilledSessions['item'] | undefined;
  async function* items() {
    for await (const each of written.itemsOf(records)) {
      const { partition, sort } = each;
      if (typeof partition === 'string' && typeof sort === 'string' && partition.includes(grant?.accessKeyId ?? ' '))
        item ??= { partition, sort };
      yield each;
    }
  }
  await fillTable(folder, tables.sessions, items());
  if (item === undefined || grant?.accessKeyId === undefined) throw new Error('no grant lies under its key');
  const at = new Date(grant.issuedAt + 600_000).toISOString();
  return { tables, accessKeyId: grant.accessKeyId, at, item };
}

/** What the sessions table would be asked to put, and is not. */
class Written extends SentRequests {
  readonly #items: Item[] = [];

  constructor() {
    super(new DynamoDBClient({ region: 'eu-west-1', credentials: { accessKeyId: '-', secretAccessKey: '-' } }));
  }

  override async put({ Item: item }: PutCommandInput): Promise<boolean> {
    if (item !== undefined) this.#items.push(item);
    return true;
  }

  override async putAll(_: string, items: readonly Item[]): Promise<void> {
    this.#items.push(...items);
  }

  async *itemsOf(records: Iterable<JsonObject>): AsyncGenerator<Item> {
    const sessions = new DynamoDbSessions({
      database: this,
      table: '-',
      clock: () => epochMillis(Date.now()),
      keep: 97 * DAY,
    });
    for (const chunk of chunksOf(records)) {
      await sessions.add(factsOf(chunk));
      yield* this.#items.splice(0);
    }
  }
}

function* chunksOf(records: Iterable<JsonObject>): Generator<JsonObject[]> {
  const rest = Iterator.from(records);
  for (let chunk = [...rest.take(AT_ONCE)]; chunk.length > 0; chunk = [...rest.take(AT_ONCE)]) yield chunk;
}
