import db from 'dynalite/db/index.js';
import type { Attributes } from './attributes.ts';
import './closed-iterators.ts';

/** An item that is to be written, or is to go. */
export interface Change {
  readonly table: string;
  /** The item, or what has its key. */
  readonly key: Attributes;
  readonly item: Attributes | undefined;
  /** Whether the store has an earlier version of it. */
  readonly isStored: boolean;
}

type Store = ReturnType<typeof db.create>;
type Table = Parameters<typeof db.createKey>[1];
type Writes = Parameters<Store['db']['batch']>[0][number][];

/**
 * The LevelDB in which a dynalite that does not run keeps its tables, read and written past it with its own keys (dynalite
 * 4.0.0, db/index.js): only one process may have it open, and only one of the two in it.
 */
export class LevelStore {
  readonly #store: Store;
  readonly #tables: ReadonlyMap<string, Table>;

  private constructor(store: Store, tables: ReadonlyMap<string, Table>) {
    this.#store = store;
    this.#tables = tables;
  }

  /** These tables, which must exist, in that folder. */
  static async open(path: string, names: readonly string[]): Promise<LevelStore> {
    const store = db.create({ path });
    await store.db.open();
    try {
      return new LevelStore(store, await tablesOf(store, names));
    } catch (error) {
      await closed(store);
      throw error;
    }
  }

  /** All items of the table, in no order. */
  async *items(table: string): AsyncGenerator<Attributes, void> {
    const prefix = itemPrefix(table);
    for await (const item of this.#store.db.values({ gte: prefix, lt: `${prefix}\xff` })) yield item as Attributes; // as written
  }

  /** The item that has this key; it must be there. */
  read(table: string, key: Attributes): Attributes {
    return this.#store.db.getSync(this.#place(table, key)) as Attributes; // as written
  }

  /** Why DynamoDB would not take the item; undefined where it does. */
  objection(table: string, item: Attributes): Error | undefined {
    return db.validateItem(item, this.#table(table)) ?? undefined;
  }

  /** All of them or none. @throws what LevelDB throws, such as for lack of room. */
  async write(changes: readonly Change[]): Promise<void> {
    await this.#store.db.batch(changes.flatMap((change) => this.#writesOf(change)));
  }

  async close(): Promise<void> {
    await closed(this.#store);
  }

  #writesOf({ table: name, key, item, isStored }: Change): Writes {
    const table = this.#table(name);
    const before = isStored ? this.read(name, key) : undefined;
    const { puts, deletes } = db.getIndexActions(table.GlobalSecondaryIndexes ?? [], before, item, table);
    const place = this.#place(name, key);
    return [
      item === undefined ? { type: 'del', key: place } : { type: 'put', key: place, value: item },
      ...deletes.map((entry) => ({ type: 'del' as const, key: `${indexPrefix(name, entry.index)}${entry.key}` })),
      ...puts.map((entry) => ({
        type: 'put' as const,
        key: `${indexPrefix(name, entry.index)}${entry.key}`,
        value: entry.item,
      })),
    ];
  }

  #place(table: string, key: Attributes): string {
    return `${itemPrefix(table)}${db.createKey(key, this.#table(table))}`;
  }

  #table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw new Error(`The store was opened without the table ${name}.`);
    return table;
  }
}

async function tablesOf(store: Store, names: readonly string[]): Promise<ReadonlyMap<string, Table>> {
  const tables = new Map<string, Table>();
  for (const name of names) {
    const table = await new Promise<Table>((resolve, reject) =>
      store.getTable(name, (error, found) => (error ? reject(error) : resolve(found))),
    );
    tables.set(name, table);
  }
  return tables;
}

function closed({ db: level }: Store): Promise<void> {
  return new Promise((resolve, reject) => level.close((error) => (error ? reject(error) : resolve())));
}

function itemPrefix(table: string): string {
  return `item-${table}~`;
}

function indexPrefix(table: string, index: string): string {
  return `index-global~${table}~${index}~`;
}
