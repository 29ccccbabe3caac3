import db from 'dynalite/db/index.js';
import type { Attributes } from './attributes.ts';
import './closed-iterators.ts';

/** A change to the store: an item to write, or to delete. */
export interface Change {
  readonly table: string;
  /** The item, or attributes that contain its key. */
  readonly key: Attributes;
  readonly item: Attributes | undefined;
  /** Whether the store has an earlier version of the item. */
  readonly isStored: boolean;
}

type Store = ReturnType<typeof db.create>;
type Table = Parameters<typeof db.createKey>[1];
type Writes = Parameters<Store['db']['batch']>[0][number][];

/**
 * The LevelDB with the tables of a dynalite that is not running. Reads and writes use dynalite's own keys (dynalite
 * 4.0.0, db/index.js). Only one process may have it open, and in that process only this store or dynalite.
 */
export class LevelStore {
  readonly #store: Store;
  readonly #tables: ReadonlyMap<string, Table>;

  private constructor(store: Store, tables: ReadonlyMap<string, Table>) {
    this.#store = store;
    this.#tables = tables;
  }

  /** Opens these tables, which must exist, in the folder. */
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

  /** Yields all items of the table, in no order. */
  async *items(table: string): AsyncGenerator<Attributes, void> {
    const prefix = itemPrefix(table);
    for await (const item of this.#store.db.values({ gte: prefix, lt: `${prefix}\xff` })) yield item as Attributes; // This class wrote it.
  }

  /** Returns the item with this key, which must exist. */
  read(table: string, key: Attributes): Attributes {
    return this.#store.db.getSync(this.#place(table, key)) as Attributes; // This class wrote it.
  }

  /** Returns DynamoDB's error for the item; undefined if the item is valid. */
  objection(table: string, item: Attributes): Error | undefined {
    return db.validateItem(item, this.#table(table)) ?? undefined;
  }

  /**
   * Writes all changes or none.
   * @throws the error of LevelDB, for example if the disk is full.
   */
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
