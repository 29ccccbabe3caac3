/** dynalite has no types of its own. Source: its README, "API". */
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

/** What its actions are written with, as far as `test/million/filled-table.ts` needs it. Source: dynalite 4.0.0, db/index.js. */
declare module 'dynalite/db/index.js' {
  interface Table {
    readonly GlobalSecondaryIndexes?: readonly object[];
  }

  interface Entries {
    batch(entries: readonly { type: 'put'; key: string; value: object }[], done: (error?: Error | null) => void): void;
  }

  interface Store {
    readonly db: { close(done: (error?: Error | null) => void): void };
    getTable(name: string, done: (error: Error | null, table: Table) => void): void;
    getItemDb(table: string): Entries;
    getIndexDb(type: 'global', table: string, index: string): Entries;
  }

  interface Db {
    create(options: { readonly path: string }): Store;
    createKey(item: object, table: Table): string;
    getIndexActions(
      indexes: readonly object[],
      before: object | undefined,
      item: object,
      table: Table,
    ): { readonly puts: readonly { readonly index: string; readonly key: string; readonly item: object }[] };
  }

  const db: Db;
  export default db;
}
