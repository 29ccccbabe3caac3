import type { Actor } from '../../attribution/actor.ts';
import { namesOfActor } from '../../attribution/actor-names.ts';
import { checkedKey, expiry, fitted } from './keys.ts';
import { actorFile } from './record-item.ts';
import { type Item, queryRequest } from './requests.ts';
import { text } from './shape.ts';
import type { TableAccess } from './table-access.ts';
import { TABLES } from './tables.ts';

/** How many names a process remembers to have filed. */
const MOST_REMEMBERED = 20_000;

/**
 * Under which name the records of an actor lie, for whoever asks by ARN or principalId: an index for each of them would
 * cost every record a write. A process files a name once.
 */
export class ActorFiles {
  readonly #of: TableAccess;
  readonly #filed = new Set<string>();

  constructor(of: TableAccess) {
    this.#of = of;
  }

  async file(actors: readonly Actor[]): Promise<void> {
    const { database, table, clock, keep } = this.#of;
    const expires = expiry(clock(), keep * 2);
    const items = new Map<string, Item>();
    for (const actor of actors) {
      for (const key of keysOf(actor)) items.set(JSON.stringify(key), { ...key, expires });
    }
    for (const id of items.keys()) if (this.#filed.has(id)) items.delete(id);
    await database.putAll(table, [...items.values()]);
    if (this.#filed.size > MOST_REMEMBERED) this.#filed.clear();
    for (const id of items.keys()) this.#filed.add(id);
  }

  /** The asked text itself, and the names that it is known as an ARN or principalId of. */
  async of(asked: string): Promise<readonly string[]> {
    const { database, table } = this.#of;
    const stretch = { hash: partitionOf(asked), order: 'ascending' } as const;
    const items = await database.query(queryRequest(table, TABLES.claims.key, stretch));
    return [...new Set([fitted(asked), ...items.map(({ sort }) => text(sort, 'sort'))])];
  }
}

function keysOf(actor: Actor) {
  const file = actorFile(actor);
  if (file === undefined) return [];
  const further = namesOfActor(actor).filter((name) => fitted(name) !== file);
  return further.map((name) => checkedKey({ partition: partitionOf(name), sort: file }));
}

function partitionOf(name: string): string {
  return `actor ${fitted(name)}`;
}
