/** Types for dynalite, which has none. Source: its README, "API". */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
    readonly maxItemSizeKb?: number;
  }

  export default function dynalite(options?: Options): Server;
}

/**
 * The parts of dynalite's internal module `db` that are needed to write its store directly. Source: dynalite 4.0.0, db/index.js;
 * abstract-level 3.
 */
declare module 'dynalite/db/index.js' {
  interface Table {
    readonly GlobalSecondaryIndexes?: readonly object[];
  }

  type Change = { type: 'put'; key: string; value: object } | { type: 'del'; key: string };

  /** Dynalite's LevelDB. `getSync` returns undefined for a missing key. */
  interface Level {
    open(): Promise<void>;
    getSync(key: string): unknown;
    values(range: { readonly gte: string; readonly lt: string }): AsyncIterable<unknown>;
    batch(changes: readonly Change[]): Promise<void>;
    close(done: (error?: Error | null) => void): void;
  }

  interface Store {
    readonly db: Level;
    getTable(name: string, done: (error: Error | null, table: Table) => void): void;
  }

  interface Db {
    create(options: { readonly path: string }): Store;
    createKey(item: object, table: Table): string;
    getIndexActions(
      indexes: readonly object[],
      before: object | undefined,
      item: object | undefined,
      table: Table,
    ): {
      readonly puts: readonly { readonly index: string; readonly key: string; readonly item: object }[];
      readonly deletes: readonly { readonly index: string; readonly key: string }[];
    };
    /** Returns DynamoDB's error for the item; undefined if the item is valid. */
    validateItem(item: object, table: Table): Error | undefined;
  }

  const db: Db;
  export default db;
}
