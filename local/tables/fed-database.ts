import type { DeleteCommandInput, PutCommandInput, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { type Database, distinctKeys, RefusedItemError } from '../../lib/adapters/dynamodb/database.ts';
import type { Item } from '../../lib/adapters/dynamodb/requests.ts';
import { TABLES, type TableId, type TableNames } from '../../lib/adapters/dynamodb/tables.ts';
import type { Budget } from '../../lib/ports/budget.ts';
import { type Attribute, type Attributes, attributesOf, itemOf } from './attributes.ts';
import { KeptTable, type Slot, type SlotSpan } from './kept-table.ts';
import { LevelStore } from './level-store.ts';

/** Items in one page of a query. DynamoDB's limit is 1 MB instead. */
const PAGE = 500;

/**
 * Number of written items that stay in memory (up to twice as many), since recently written items are usually read
 * next.
 */
const REMEMBERED = 5_000;

/**
 * The tables of this machine while logs are fed. It does what DynamoDB would do with the stores' requests, in this
 * process and on dynalite's files. Memory holds the place of every item, and the items themselves until they are
 * written. They are written in batches, each completely or not at all. `test/contract/fed-equality.slow.test.ts` checks that
 * it equals dynalite.
 */
export class FedDatabase implements Database {
  readonly #store: LevelStore;
  readonly #tables: ReadonlyMap<string, KeptTable>;
  readonly #changed = new Map<Slot, KeptTable>();
  /** Items that are written but still in memory. If there are too many, older ones are dropped. */
  #young = new Set<Slot>();
  #old = new Set<Slot>();
  /** Absent, because no questions are answered during a feed and its reads have no limit. */
  readonly budget = undefined;

  private constructor(store: LevelStore, tables: ReadonlyMap<string, KeptTable>) {
    this.#store = store;
    this.#tables = tables;
  }

  /** Opens the store in the folder, in which these tables exist. No other process may have it open. */
  static async open(folder: string, names: TableNames): Promise<FedDatabase> {
    const ids = Object.keys(TABLES) as readonly TableId[]; // The keys of our own constant.
    const store = await LevelStore.open(
      folder,
      ids.map((id) => names[id]),
    );
    const tables = new Map(ids.map((id) => [names[id], new KeptTable(names[id], TABLES[id])]));
    for (const table of tables.values()) {
      for await (const attributes of store.items(table.name)) table.place(attributes).isStored = true;
    }
    return new FedDatabase(store, tables);
  }

  /** Number of items that are not written yet. */
  get unwritten(): number {
    return this.#changed.size;
  }

  /**
   * Writes all changes.
   * @throws the error of LevelDB, for example if the disk is full. Then nothing is written.
   */
  async write(): Promise<void> {
    const changed = [...this.#changed];
    await this.#store.write(
      changed.flatMap(([slot, table]) => {
        const { isGone, isStored, attributes } = slot;
        if (isGone && !isStored) return [];
        return { table: table.name, key: table.keyOf(slot), item: isGone ? undefined : attributes, isStored };
      }),
    );
    this.#changed.clear();
    for (const [slot, table] of changed) {
      slot.isStored = !slot.isGone;
      if (slot.isGone) table.forget(slot);
      else this.#remember(slot);
    }
  }

  #remember(slot: Slot): void {
    this.#young.add(slot);
    if (this.#young.size < REMEMBERED) return;
    for (const each of this.#old) if (!this.#young.has(each) && !this.#changed.has(each)) each.attributes = undefined;
    this.#old = this.#young;
    this.#young = new Set();
  }

  /** Writes all changes and closes the store. */
  async close(): Promise<void> {
    try {
      await this.write();
    } finally {
      await this.#store.close();
    }
  }

  async get(table: string, key: Item): Promise<Item | undefined> {
    return this.#read(this.#table(table), key);
  }

  async put(request: PutCommandInput): Promise<boolean> {
    const table = this.#table(request.TableName);
    const item = request.Item ?? {};
    const attributes = attributesOf(item);
    const objection = this.#store.objection(table.name, attributes);
    if (objection !== undefined) {
      throw new RefusedItemError(`DynamoDB refused the item: ${objection.message}`, { cause: objection });
    }
    if (!holds(request, this.#there(table, item))) return false;
    this.#put(table, attributes);
    return true;
  }

  async delete(request: DeleteCommandInput): Promise<boolean> {
    const table = this.#table(request.TableName);
    const key = request.Key ?? {};
    if (!holds(request, this.#there(table, key))) return false;
    const slot = table.find(key);
    if (slot === undefined) return true;
    table.hide(slot);
    slot.isGone = true;
    slot.attributes = undefined;
    this.#changed.set(slot, table);
    return true;
  }

  async putAll(name: string, items: readonly Item[]): Promise<void> {
    const table = this.#table(name);
    const all = distinctKeys(items).map(attributesOf);
    for (const attributes of all) {
      const objection = this.#store.objection(name, attributes);
      if (objection !== undefined) throw objection;
    }
    for (const attributes of all) this.#put(table, attributes);
  }

  async getAll(name: string, keys: readonly Item[], keyNames?: readonly string[]): Promise<readonly Item[]> {
    const table = this.#table(name);
    return distinctKeys(keys).flatMap((key) => {
      const item = this.#read(table, key);
      if (item === undefined) return [];
      if (keyNames === undefined) return [item];
      return [Object.fromEntries(keyNames.flatMap((each) => (each in item ? [[each, item[each]]] : [])))];
    });
  }

  async *pages(
    request: QueryCommandInput,
  ): AsyncGenerator<{ readonly found: readonly Item[]; readonly isMore: boolean }, void> {
    for (let after: Item | undefined = request.ExclusiveStartKey; ; ) {
      const found = this.#query({ ...request, Limit: PAGE, ExclusiveStartKey: after && { ...after } });
      const isMore = found.length === PAGE;
      yield { found, isMore };
      if (!isMore) return;
      after = found.at(-1);
    }
  }

  async query(request: QueryCommandInput): Promise<readonly Item[]> {
    return this.#query(request);
  }

  within(_: Budget): Database {
    return this;
  }

  /**
   * Runs a query of the form in `lib/adapters/dynamodb/requests.ts`: one partition, and a range with both ends
   * included.
   */
  #query(request: QueryCommandInput): readonly Item[] {
    const { TableName, IndexName, ExpressionAttributeValues: values = {}, Limit: limit } = request;
    const table = this.#table(TableName);
    const span: SlotSpan = {
      from: values[':from'],
      to: values[':to'],
      after: request.ExclusiveStartKey,
      order: request.ScanIndexForward === false ? 'descending' : 'ascending',
    };
    const hash = String(values[':hash']);
    if (IndexName !== undefined)
      return table
        .entries(IndexName, hash, span)
        .take(limit ?? Infinity)
        .toArray();
    return table
      .slots(hash, span)
      .take(limit ?? Infinity)
      .map((slot) => itemOf(this.#attributes(table, slot)))
      .toArray();
  }

  #put(table: KeptTable, attributes: Attributes): void {
    const slot = table.place(attributes);
    slot.isGone = false;
    slot.attributes = attributes;
    this.#changed.set(slot, table);
  }

  #read(table: KeptTable, key: Item): Item | undefined {
    const there = this.#there(table, key);
    return there && itemOf(there);
  }

  #there(table: KeptTable, key: Item): Attributes | undefined {
    const slot = table.find(key);
    return slot === undefined || slot.isGone ? undefined : this.#attributes(table, slot);
  }

  #attributes(table: KeptTable, slot: Slot): Attributes {
    if (slot.attributes !== undefined) return slot.attributes;
    slot.attributes = this.#store.read(table.name, table.keyOf(slot));
    this.#remember(slot);
    return slot.attributes;
  }

  #table(name: string | undefined): KeptTable {
    const table = this.#tables.get(name ?? '');
    if (table === undefined) throw new Error(`There is no table ${name}.`);
    return table;
  }
}

/** The condition of a write, as in `CONDITIONS` (lib/adapters/dynamodb/requests.ts). */
interface Conditional {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

const ABSENT = /^attribute_not_exists\((#\w+)\)$/;
const COMPARED = /^(#\w+) (<|<=|>|=) (:\w+)$/;

/**
 * Returns whether the condition holds for the current item. A condition is a list of alternatives: an attribute is
 * absent, or compares with a value. A comparison with a missing attribute or one of another type does not hold.
 * @throws TypeError for an expression of any other form. The stores have none.
 */
function holds(request: Conditional, there: Attributes | undefined): boolean {
  if (request.ConditionExpression === undefined) return true;
  return request.ConditionExpression.split(' OR ').some((term) => termHolds(term, request, there));
}

function termHolds(term: string, request: Conditional, there: Attributes | undefined): boolean {
  const absent = ABSENT.exec(term)?.[1];
  if (absent !== undefined) return there?.[nameIn(request, absent)] === undefined;
  const [, name, operator, value] = COMPARED.exec(term) ?? [];
  if (name === undefined || value === undefined) throw new TypeError(`A condition that is not known here: ${term}`);
  const order = orderOf(there?.[nameIn(request, name)], valueIn(request, value));
  if (order === undefined) return false;
  if (operator === '=') return order === 0;
  if (operator === '<') return order < 0;
  return operator === '>' ? order > 0 : order <= 0;
}

function nameIn({ ExpressionAttributeNames: names }: Conditional, placeholder: string): string {
  const name = names?.[placeholder];
  if (name === undefined) throw new TypeError(`The condition has no name for ${placeholder}.`);
  return name;
}

function valueIn({ ExpressionAttributeValues: values }: Conditional, placeholder: string): Attribute {
  const { value } = attributesOf({ value: values?.[placeholder] });
  if (value === undefined) throw new TypeError(`The condition has no value for ${placeholder}.`);
  return value;
}

/** Returns a number below, at or above zero; undefined if the two cannot be compared. */
function orderOf(there: Attribute | undefined, value: Attribute): number | undefined {
  if (there === undefined) return undefined;
  if ('N' in there && 'N' in value) return Number(there.N) - Number(value.N);
  if ('S' in there && 'S' in value) return Buffer.compare(Buffer.from(there.S), Buffer.from(value.S));
  return undefined;
}
