import { checkedKey, expiry, type Key } from './keys.ts';
import { queryRequest } from './requests.ts';
import { text } from './shape.ts';
import type { TableAccess } from './table-access.ts';
import { TABLES } from './tables.ts';

/** How many keys a process remembers to have filed. */
const MOST_REMEMBERED = 20_000;

/** Small items of the claims table that say where records lie, by a name that no index has. A process files each once. */
export class FiledOnce {
  readonly #of: TableAccess;
  readonly #filed = new Set<string>();

  constructor(of: TableAccess) {
    this.#of = of;
  }

  async file(keys: readonly Key[]): Promise<void> {
    const { database, table, clock, keep } = this.#of;
    const expires = expiry(clock(), keep * 2);
    const byId = new Map(keys.map((key) => [JSON.stringify(key), checkedKey(key)]));
    const anew = [...byId].filter(([id]) => !this.#filed.has(id));
    await database.putAll(
      table,
      anew.map(([, key]) => ({ ...key, expires })),
    );
    if (this.#filed.size > MOST_REMEMBERED) this.#filed.clear();
    for (const [id] of anew) this.#filed.add(id);
  }

  /** What was filed in the partition. */
  async of(partition: string): Promise<readonly string[]> {
    const { database, table } = this.#of;
    const stretch = { hash: partition, order: 'ascending' } as const;
    const items = await database.query(queryRequest(table, TABLES.claims.key, stretch));
    return items.map(({ sort }) => text(sort, 'sort'));
  }
}
