import { mapConcurrently } from '../../concurrency.ts';
import type { StoredRecord } from '../../ports/records.ts';
import { RecentMap } from '../../recent-map.ts';
import { DAY, type EpochMillis, SECOND } from '../../time.ts';
import { sha256 } from '../digest.ts';
import { current, expiry } from '../expiry.ts';
import { changeItem } from './change-item.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import type { Item } from './requests.ts';
import { fieldsOf, listOf, number, read } from './shape.ts';

/** The minimum number of sessions that a process remembers. */
const MOST_REMEMBERED = 10_000;

/** The claims of a session that a process has seen on a day, and the session's spread. */
interface SessionSight {
  readonly day: number;
  readonly claims: Set<string>;
  readonly spread: SessionSpread;
}

/** The fields that are read from a session's item. */
const spreadItemShape = fieldsOf({
  day: number,
  least: listOf(number),
  claims: number,
  writes: number,
});

interface StoredSpread extends DayOfClaims {
  readonly spread: SessionSpread;
}

/**
 * The spread of each session, in a small item of the claims table that outlives the records that it was written for.
 */
export class SessionSpreads {
  readonly #of: TableHandle;
  readonly #seen = new RecentMap<string, SessionSight>(MOST_REMEMBERED);

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /** Returns a function that gives the spread of each of these sessions. */
  async of(sessions: readonly string[]): Promise<(session: string) => SessionSpread> {
    const { database, table, clock } = this.#of;
    const keys = new Map(sessions.map(keyOf).map((key) => [key.partition, key]));
    const items = current(await database.getAll(table, [...keys.values()]), clock());
    const spreads = new Map(items.map((item) => [item.partition, readKept(item).spread]));
    return (session) => spreads.get(keyOf(session).partition) ?? UNSPREAD;
  }

  /** Returns the spread of the sessions of these records from now on. The records are about to be stored. */
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
    const spread = await this.#grow(session, day, claims, wanted);
    const before = seen?.day === day ? seen.claims : [];
    this.#seen.set(session, { day, claims: new Set([...before, ...claims]), spread });
    return spread;
  }

  /**
   * Returns the session's spread after it was increased. If the item can be read but not written, it returns the old
   * spread, because this is no reason to fail the batch.
   */
  async #grow(session: string, day: number, claims: readonly string[], wanted: SessionSpread): Promise<SessionSpread> {
    let stored: SessionSpread | undefined;
    try {
      return await changeItem(this.#of, keyOf(session), 'Store the records later.', (item, now) => {
        const kept = item && readKept(item);
        stored = kept?.spread ?? UNSPREAD;
        const known = withClaims(kept, day, claims);
        const spread = widest(stored, widest(spreadFor(known, 0), wanted));
        if (JSON.stringify({ ...known, spread }) === JSON.stringify(kept)) return { result: spread };
        return { item: { ...known, ...spread, expires: expiry(now, this.#of.keep * 2) }, result: spread };
      });
    } catch (fault) {
      if (stored === undefined) throw fault;
      return stored;
    }
  }
}

/** Returns the largest number of records of one claim in one second. */
function busiestSecond(records: readonly StoredRecord[]): number {
  const seconds = Map.groupBy(records, ({ claimId, at = 0 }) => `${Math.floor(at / SECOND)} ${claimId}`);
  return Math.max(...[...seconds.values()].map((members) => members.length));
}

function readKept(item: Item): StoredSpread {
  const { day, least, claims, writes } = read(spreadItemShape, item);
  return { day, least, spread: { claims, writes } };
}

function keyOf(session: string): Key {
  return checkedKey({ partition: `spread ${fitted(session)}`, sort: 'spread' });
}

/**
 * The number of partitions of `by-session` over which a session's records are spread (docs/decisions/0014). Both
 * numbers only grow.
 */
export interface SessionSpread {
  /** Shards by claim. */
  readonly claims: number;
  /** Shards by record within one claim. */
  readonly writes: number;
}

export const UNSPREAD: SessionSpread = { claims: 1, writes: 1 };

/** Shards by the number of claims a day: from so many claims on, so many shards. */
const CLAIM_SHARDS = [
  [0, 1],
  [16, 32],
  [512, 1_024],
] as const;

/**
 * Shards by the number of records of one claim in one second: from so many records on, so many shards. A partition
 * allows 1,000 writes a second from all batches.
 */
const WRITE_SHARDS = [
  [0, 1],
  [250, 4],
  [1_000, 16],
] as const;

/** Number of smallest hashes from which the number of claims is estimated, to about a quarter. */
const LEAST = 16;
const HASHES = 2 ** 32;

/** The claims of a session on one day, as far as known. */
export interface DayOfClaims {
  readonly day: number;
  /** Smallest hashes, in order. */
  readonly least: readonly number[];
}

function dayOf(now: EpochMillis): number {
  return Math.floor(now / DAY);
}

/** Returns the day with more claims. Claims that were added before change nothing. */
export function withClaims(known: DayOfClaims | undefined, day: number, claimIds: readonly string[]): DayOfClaims {
  const before = known?.day === day ? known.least : [];
  const all = new Set([...before, ...claimIds.map(hashOf)]);
  return { day, least: [...all].sort((a, b) => a - b).slice(0, LEAST) };
}

/** Returns the spread for a day's claims and the given number of records of one claim in a second. */
export function spreadFor({ least }: DayOfClaims, busiest: number): SessionSpread {
  return { claims: shardsFor(CLAIM_SHARDS, claimsOf(least)), writes: shardsFor(WRITE_SHARDS, busiest) };
}

function widest(a: SessionSpread, b: SessionSpread): SessionSpread {
  return { claims: Math.max(a.claims, b.claims), writes: Math.max(a.writes, b.writes) };
}

/** Returns the number of claims: counted if they are few, else estimated from the density of the smallest hashes. */
function claimsOf(least: readonly number[]): number {
  const last = least.at(-1);
  if (least.length < LEAST || last === undefined) return least.length;
  return Math.max(LEAST, ((LEAST - 1) * HASHES) / Math.max(last, 1));
}

function shardsFor(steps: readonly (readonly [from: number, shards: number])[], count: number): number {
  return steps.findLast(([from]) => count >= from)?.[1] ?? 1;
}

/** Returns the text after the session in the key of a record; empty for the first shard. */
export function suffixOf(claimId: string | undefined, id: string, { claims, writes }: SessionSpread): string {
  return suffix(claimId === undefined ? 0 : hashOf(claimId) % claims, hashOf(id) % writes);
}

/** Returns all suffixes under which records of the session can be. */
export function suffixesOfSession({ claims, writes }: SessionSpread): readonly string[] {
  return suffixes(
    Array.from({ length: claims }, (_, shard) => shard),
    writes,
  );
}

/**
 * Returns all suffixes under which records of the claim can be: one for each number of shards that the session has had.
 */
export function suffixesOfClaim(claimId: string, { claims, writes }: SessionSpread): readonly string[] {
  const hash = hashOf(claimId);
  const numbers = CLAIM_SHARDS.map(([, shards]) => shards).filter((shards) => shards <= claims);
  return suffixes([...new Set(numbers.map((shards) => hash % shards))], writes);
}

function suffixes(claimShards: readonly number[], writes: number): string[] {
  const writeShards = Array.from({ length: writes }, (_, shard) => shard);
  return claimShards.flatMap((claim) => writeShards.map((write) => suffix(claim, write)));
}

function suffix(claim: number, write: number): string {
  if (write > 0) return `#${claim}.${write}`;
  return claim > 0 ? `#${claim}` : '';
}

function hashOf(text: string): number {
  return Buffer.from(sha256(text), 'base64url').readUInt32BE();
}
