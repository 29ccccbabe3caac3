import { cpSync } from 'node:fs';
import { storesOver } from '../../lib/adapters/dynamodb/stores.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { LOCAL_TABLES, openTables, storeIn } from '../../local/service/local-tables.ts';
import { FedDatabase } from '../../local/tables/fed-database.ts';
import { Folder } from '../builders/command.ts';
import { KEEP } from './over.ts';

/** Local tables that a feed has open, each in a folder of its own. */
export class FedTables {
  readonly #folder = new Folder();
  readonly #empty = this.#folder.at('empty');
  #made = 0;
  readonly #open: FedDatabase[] = [];

  static async begin(): Promise<FedTables> {
    const begun = new FedTables();
    await (await openTables(begun.#empty)).stop();
    return begun;
  }

  async database(): Promise<FedDatabase> {
    this.#made += 1;
    const folder = this.#folder.at(String(this.#made));
    cpSync(this.#empty, folder, { recursive: true });
    const database = await FedDatabase.open(storeIn(folder), LOCAL_TABLES);
    this.#open.push(database);
    return database;
  }

  async stores(clock: Clock) {
    return storesOver(await this.database(), { tables: LOCAL_TABLES, clock, keep: KEEP });
  }

  /** Stores of another process over the tables that were opened last: they remember nothing. */
  again(clock: Clock) {
    const database = this.#open.at(-1);
    if (database === undefined) throw new Error('No tables are open.');
    return storesOver(database, { tables: LOCAL_TABLES, clock, keep: KEEP });
  }

  async end(): Promise<void> {
    for (const database of this.#open) await database.close();
    this.#folder[Symbol.dispose]();
  }
}
