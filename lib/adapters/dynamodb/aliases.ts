import type { Actor } from '../../attribution/actor.ts';
import { namesOfActor } from '../../attribution/actor-names.ts';
import { namesOnlyInRecord } from '../../claims/identity.ts';
import type { StoredRecord } from '../../ports/records.ts';
import { RecentMap } from '../../recent-map.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import { current, expiry } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { indexedId } from './record-item.ts';
import { queryRequest } from './requests.ts';
import { read, text } from './shape.ts';
import { TABLES } from './tables.ts';

/** Limits the sessions that are read for one access key or session. */
const MOST_SESSIONS = 1_000;

/** The number of written keys that a process remembers at least. */
const MOST_REMEMBERED = 20_000;

/**
 * The other names of actors and sessions, as small items of the claims table. Each item says under which ID or session
 * the records of a name are indexed. An index for this would cost a write for every record. A process writes each item
 * once, and again before it can expire. An item is kept for twice as long as a record. So it outlives every record that
 * is written until then.
 */
export class Aliases {
  readonly #of: TableHandle;
  /** The time from which this process writes an item again, for each item. */
  readonly #known = new RecentMap<string, EpochMillis>(MOST_REMEMBERED);

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /** Writes the other names of the actors and sessions of these records. */
  async put(records: readonly StoredRecord[]): Promise<void> {
    const { database, table, clock, keep } = this.#of;
    const now = clock();
    const expires = expiry(now, keep * 2);
    const byId = new Map(records.flatMap(keysOf).map((key) => [JSON.stringify(key), checkedKey(key)]));
    const due = [...byId].filter(([id]) => (this.#known.get(id) ?? 0) <= now);
    await database.putAll(
      table,
      due.map(([, key]) => ({ ...key, expires })),
    );
    for (const [id] of due) this.#known.set(id, epochMillis(now + keep / 2));
  }

  /**
   * Returns the IDs under which the records of actors with this name, ARN or principal ID are indexed. If the text is
   * an ID, it is one of them.
   */
  async actorIds(name: string): Promise<readonly string[]> {
    return [...new Set([fitted(name), ...(await this.#in(actorPartition(name)))])];
  }

  /**
   * Returns the sessions under which the records of an access key are indexed. For a session, it returns those under
   * which records are indexed whose session name became known later. It reads at most `MOST_SESSIONS`, because forged
   * records can add any number. At that limit, expired ones are included, because no question can merge so many anyway.
   */
  sessions(name: string): Promise<readonly string[]> {
    return this.#in(sessionPartition(name), MOST_SESSIONS);
  }

  async #in(hash: string, limit?: number): Promise<readonly string[]> {
    const { database, table, clock } = this.#of;
    const keyRange = { hash, order: 'ascending', ...(limit !== undefined && { limit }) } as const;
    const items = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
    const there = items.length === limit ? items : current(items, clock());
    return there.map(({ sort }) => read(text, sort, 'sort'));
  }
}

function keysOf({ session, record }: StoredRecord): Key[] {
  const { actor } = record.attribution;
  const names = session === undefined ? [] : namesOnlyInRecord(session, record);
  const sort = fitted(session ?? '');
  return [...(actor ? keysOfActor(actor) : []), ...names.map((name) => ({ partition: sessionPartition(name), sort }))];
}

function keysOfActor(actor: Actor): Key[] {
  const names = namesOfActor(actor).filter((name) => name !== actor.id);
  return names.map((name) => ({ partition: actorPartition(name), sort: indexedId(actor) }));
}

function actorPartition(name: string): string {
  return `actor ${fitted(name)}`;
}

function sessionPartition(name: string): string {
  return `session ${fitted(name)}`;
}
