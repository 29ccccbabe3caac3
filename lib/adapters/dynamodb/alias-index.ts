import { type EpochMillis, epochMillis } from '../../time.ts';
import { current, expiry } from '../expiry.ts';
import { checkedKey, type Key } from './keys.ts';
import { queryRequest } from './requests.ts';
import { read, text } from './shape.ts';
import type { TableHandle } from './table-handle.ts';
import { TABLES } from './tables.ts';

/** How many keys a process remembers to have written. */
const MOST_REMEMBERED = 20_000;

/**
 * Small items of the claims table that say where records lie, by a name that no index has. A process writes each once, and
 * again before it is over: kept for twice as long as a record, it outlives those that are written until then.
 */
export class AliasIndex {
  readonly #of: TableHandle;
  /** When each is written again. */
  readonly #known = new Map<string, EpochMillis>();

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async put(keys: readonly Key[]): Promise<void> {
    const { database, table, clock, keep } = this.#of;
    const now = clock();
    const expires = expiry(now, keep * 2);
    const byId = new Map(keys.map((key) => [JSON.stringify(key), checkedKey(key)]));
    const anew = [...byId].filter(([id]) => (this.#known.get(id) ?? 0) <= now);
    await database.putAll(
      table,
      anew.map(([, key]) => ({ ...key, expires })),
    );
    if (this.#known.size > MOST_REMEMBERED) this.#known.clear();
    for (const [id] of anew) this.#known.set(id, epochMillis(now + keep / 2));
  }

  /** What lies in the partition. */
  async of(partition: string): Promise<readonly string[]> {
    const { database, table, clock } = this.#of;
    const keyRange = { hash: partition, order: 'ascending' } as const;
    const items = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
    return current(items, clock()).map(({ sort }) => read(text, sort, 'sort'));
  }
}
