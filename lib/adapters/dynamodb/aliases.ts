import type { Actor } from '../../attribution/actor.ts';
import { namesOfActor } from '../../attribution/actor-names.ts';
import { askedForBy } from '../../claims/identity.ts';
import type { StoredRecord } from '../../ports/records.ts';
import { RecentMap } from '../../recent-map.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import { current, expiry } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { indexedName } from './record-item.ts';
import { queryRequest } from './requests.ts';
import { read, text } from './shape.ts';
import { TABLES } from './tables.ts';

/** How many keys a process remembers to have written, at least. */
const MOST_REMEMBERED = 20_000;

/**
 * Small items of the claims table that say where records lie, by a name that no index has: an index for each of them would cost
 * every record a write. A process writes each once, and again before it is over: kept for twice as long as a record, it outlives
 * those that are written until then.
 */
export class Aliases {
  readonly #of: TableHandle;
  /** When each is written again. */
  readonly #known = new RecentMap<string, EpochMillis>(MOST_REMEMBERED);

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /** Writes by which other names the records of their actors, and their sessions, are asked for. */
  async put(records: readonly StoredRecord[]): Promise<void> {
    const { database, table, clock, keep } = this.#of;
    const now = clock();
    const expires = expiry(now, keep * 2);
    const byId = new Map(records.flatMap(keysOf).map((key) => [JSON.stringify(key), checkedKey(key)]));
    const anew = [...byId].filter(([id]) => (this.#known.get(id) ?? 0) <= now);
    await database.putAll(
      table,
      anew.map(([, key]) => ({ ...key, expires })),
    );
    for (const [id] of anew) this.#known.set(id, epochMillis(now + keep / 2));
  }

  /** Returns the asked text itself, and the names under which records of an actor with this ARN or principalId lie. */
  async actorNames(asked: string): Promise<readonly string[]> {
    return [...new Set([fitted(asked), ...(await this.#in(actorPartition(asked)))])];
  }

  /** Returns the sessions under which the records of an access key, or of a session whose name was learnt, lie. */
  sessions(asked: string): Promise<readonly string[]> {
    return this.#in(sessionPartition(asked));
  }

  async #in(hash: string): Promise<readonly string[]> {
    const { database, table, clock } = this.#of;
    const items = await database.query(queryRequest(table, TABLES.claims.key, { hash, order: 'ascending' }));
    return current(items, clock()).map(({ sort }) => read(text, sort, 'sort'));
  }
}

function keysOf({ session, record }: StoredRecord): Key[] {
  const { actor } = record.attribution;
  const asked = session === undefined ? [] : askedForBy(session, record);
  const sort = fitted(session ?? '');
  return [...(actor ? keysOfActor(actor) : []), ...asked.map((name) => ({ partition: sessionPartition(name), sort }))];
}

function keysOfActor(actor: Actor): Key[] {
  const own = indexedName(actor);
  if (own === undefined) return [];
  const further = namesOfActor(actor).filter((name) => fitted(name) !== own);
  return further.map((name) => ({ partition: actorPartition(name), sort: own }));
}

function actorPartition(name: string): string {
  return `actor ${fitted(name)}`;
}

/** Those of access keys were the first. */
function sessionPartition(asked: string): string {
  return `access-key ${fitted(asked)}`;
}
