import { mapConcurrently } from '../../concurrency.ts';
import type { StoredRecord } from '../../ports/records.ts';
import { SECOND } from '../../time.ts';
import { current, expiry, isOver } from '../expiry.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { type Item, replaceRequest } from './requests.ts';
import {
  type DayOfClaims,
  dayOf,
  type SessionSpread,
  spreadFor,
  UNSPREAD,
  widest,
  withClaims,
} from './session-spread.ts';
import { fieldsOf, listOf, number, read } from './shape.ts';
import type { TableHandle } from './table-handle.ts';

/** How many sessions a process remembers. */
const MOST_REMEMBERED = 20_000;

/** What a process has seen of a session on a day. */
interface Seen {
  readonly day: number;
  readonly claims: Set<string>;
  readonly spread: SessionSpread;
}

/** Of a session's item, what is read again. */
const spreadItemShape = fieldsOf({
  day: number,
  least: listOf(number),
  claims: number,
  writes: number,
  revision: number,
});

interface Spread extends DayOfClaims {
  readonly spread: SessionSpread;
}

interface Kept extends Spread {
  readonly revision: number;
}

/** How far each session is spread: a small item of the claims table, which outlives the records that it was written for. */
export class SessionSpreads {
  readonly #of: TableHandle;
  readonly #seen = new Map<string, Seen>();

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /** How far each of these sessions is spread. */
  async of(sessions: readonly string[]): Promise<(session: string) => SessionSpread> {
    const { database, table, clock } = this.#of;
    const keys = new Map(sessions.map(keyOf).map((key) => [key.partition, key]));
    const items = current(await database.getAll(table, [...keys.values()]), clock());
    const spreads = new Map(items.map((item) => [item.partition, readKept(item).spread]));
    return (session) => spreads.get(keyOf(session).partition) ?? UNSPREAD;
  }

  /** How far the sessions of these records, which are about to be stored, are spread from now on. */
  async forRecords(records: readonly StoredRecord[]): Promise<ReadonlyMap<string, SessionSpread>> {
    const claimed = records.filter(({ session, claimId }) => session !== undefined && claimId !== undefined);
    const groups = [...Map.groupBy(claimed, ({ session = '' }) => session)];
    return new Map(
      await mapConcurrently(
        groups,
        async ([session, members]) => [session, await this.#for(session, members)] as const,
      ),
    );
  }

  async #for(session: string, records: readonly StoredRecord[]): Promise<SessionSpread> {
    const day = dayOf(this.#of.clock());
    const claims = [...new Set(records.flatMap(({ claimId }) => claimId ?? []))];
    const wanted = spreadFor({ day, least: [] }, busiestSecond(records));
    const seen = this.#seen.get(session);
    const isKnown =
      seen?.day === day && claims.every((id) => seen.claims.has(id)) && wanted.writes <= seen.spread.writes;
    if (isKnown) return seen.spread;
    const spread = await this.#grown(session, day, claims, wanted);
    if (this.#seen.size > MOST_REMEMBERED) this.#seen.clear();
    const before = seen?.day === day ? seen.claims : [];
    this.#seen.set(session, { day, claims: new Set([...before, ...claims]), spread });
    return spread;
  }

  /** Whoever is overtaken leaves its claims uncounted: the next one of the session counts again. */
  async #grown(session: string, day: number, claims: readonly string[], wanted: SessionSpread): Promise<SessionSpread> {
    const kept = await this.#kept(session);
    const known = withClaims(kept, day, claims);
    const spread = widest(kept?.spread ?? UNSPREAD, widest(spreadFor(known, 0), wanted));
    const next = { ...known, spread };
    const isSame = kept !== undefined && JSON.stringify({ ...next, revision: kept.revision }) === JSON.stringify(kept);
    if (isSame || (await this.#keep(session, next, kept?.revision))) return spread;
    return widest(kept?.spread ?? UNSPREAD, (await this.#kept(session))?.spread ?? UNSPREAD);
  }

  async #kept(session: string): Promise<Kept | undefined> {
    const { database, table, clock } = this.#of;
    const item = await database.get(table, keyOf(session));
    return item === undefined || isOver(item, clock()) ? undefined : readKept(item);
  }

  /** Not worth a batch: where it cannot be written, records are stored as far spread as they were. */
  async #keep(session: string, next: Spread, revision: number | undefined): Promise<boolean> {
    try {
      return await this.#put(session, next, revision);
    } catch {
      return false;
    }
  }

  #put(session: string, { spread, ...day }: Spread, revision: number | undefined): Promise<boolean> {
    const { database, table, clock, keep } = this.#of;
    const now = clock();
    const item = { ...keyOf(session), ...day, ...spread, expires: expiry(now, keep * 2) };
    return database.put(replaceRequest(table, item, revision, now));
  }
}

/** Of any claim, the most records of one second. */
function busiestSecond(records: readonly StoredRecord[]): number {
  const seconds = Map.groupBy(records, ({ claimId, at = 0 }) => `${Math.floor(at / SECOND)} ${claimId}`);
  return Math.max(...[...seconds.values()].map((members) => members.length));
}

function readKept(item: Item): Kept {
  const { day, least, claims, writes, revision } = read(spreadItemShape, item);
  return { day, least, spread: { claims, writes }, revision };
}

function keyOf(session: string): Key {
  return checkedKey({ partition: `spread ${fitted(session)}`, sort: 'spread' });
}
