import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { SentRequests } from '../../lib/adapters/dynamodb/database.ts';
import { DynamoDbSessions } from '../../lib/adapters/dynamodb/dynamodb-sessions.ts';
import type { Item } from '../../lib/adapters/dynamodb/requests.ts';
import type { TableNames } from '../../lib/adapters/dynamodb/tables.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { epochMillis } from '../../lib/time.ts';
import { attributesOf } from '../../local/tables/attributes.ts';
import { type Change, LevelStore } from '../../local/tables/level-store.ts';
import { KEEP } from '../../test/contract/over.ts';
import { RunningDynalite } from '../../test/contract/running-dynalite.ts';
import { factsOf } from '../../test/contract/stored-record.ts';
import { grantsOfDay, MIDNIGHT, recordOf, SEED } from '../world/day.ts';

/** Grants that are stored at once. */
export const AT_ONCE = 1_000;

/**
 * A sessions table with that many grants. For the first one it has the key, the session and a moment at which it was in
 * use.
 */
export interface FilledSessions {
  readonly tables: TableNames;
  readonly accessKeyId: string;
  /** `AROA…:<session name>` */
  readonly principal: string;
  readonly at: string;
  /** One item of the table: the grant under its key. */
  readonly item: { readonly partition: string; readonly sort: string };
}

export interface FillOptions {
  readonly clock?: Clock;
  /** Seconds of the day within which all grants are made. */
  readonly within?: number;
}

/**
 * Fills the tables of a dynalite that will run in this folder. The service's own store writes its items straight into
 * dynalite's.
 */
export async function fillSessions(
  folder: string,
  grants: number,
  { clock = () => epochMillis(Date.now()), within }: FillOptions = {},
): Promise<FilledSessions> {
  const dynalite = await RunningDynalite.start(folder);
  const { tables } = await dynalite.stores(clock);
  await dynalite.stop();
  const [first] = grantsOfDay(SEED, grants, within);
  const store = await LevelStore.open(folder, [tables.sessions]);
  const puts = new Puts(store, tables.sessions);
  const sessions = new DynamoDbSessions({ database: puts, table: tables.sessions, clock, keep: KEEP.sessions });
  let records: JsonObject[] = [];
  const add = async () => {
    await sessions.add(factsOf(records));
    await puts.write();
    records = [];
  };
  for (const made of grantsOfDay(SEED, grants, within)) {
    records.push(recordOf(made) as JsonObject); // our own generator's
    if (records.length === AT_ONCE) await add();
  }
  await add();
  await store.close();
  if (first === undefined || puts.first === undefined) throw new Error('no grant to ask about');
  return {
    tables,
    accessKeyId: first.grant.key,
    principal: `${first.grant.roleId}:${first.grant.sessionName}`,
    at: new Date(MIDNIGHT + (first.grant.atSecond + 600) * 1_000).toISOString(),
    item: puts.first,
  };
}

/**
 * Puts items. An item with a rank only replaces one with a larger rank, as the condition of the sessions table says.
 */
class Puts extends SentRequests {
  /** Returns the key of the first item: a grant under its key. */
  first: FilledSessions['item'] | undefined;
  readonly #store: LevelStore;
  readonly #table: string;
  readonly #ranks = new Map<string, string>();
  #changes: Change[] = [];

  constructor(store: LevelStore, table: string) {
    super(new DynamoDBClient({ region: 'eu-west-1', credentials: { accessKeyId: '-', secretAccessKey: '-' } }));
    this.#store = store;
    this.#table = table;
  }

  override async put({ Item: item = {} }: PutCommandInput): Promise<boolean> {
    const [place, rank] = [`${item.partition} ${item.sort}`, String(item.rank)];
    const there = this.#ranks.get(place);
    if (there !== undefined && there <= rank) return false;
    this.#ranks.set(place, rank);
    this.#take(item);
    return true;
  }

  override async putAll(_: string, items: readonly Item[]): Promise<void> {
    for (const item of items) this.#take(item);
  }

  async write(): Promise<void> {
    await this.#store.write(this.#changes.splice(0));
  }

  #take(item: Item): void {
    const attributes = attributesOf(item);
    this.first ??= { partition: String(item.partition), sort: String(item.sort) };
    this.#changes.push({ table: this.#table, key: attributes, item: attributes, isStored: false });
  }
}
