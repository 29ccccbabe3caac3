import { mapConcurrently } from '../../concurrency.ts';
import type { ClaimRange, StoredRecord } from '../../ports/records.ts';
import { RecentMap } from '../../recent-map.ts';
import { DAY, type EpochMillis, SECOND } from '../../time.ts';
import { sha256 } from '../digest.ts';
import { current, expiry } from '../expiry.ts';
import { changeItem } from './change-item.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import type { Item } from './requests.ts';
import { fieldsOf, listOf, number, optional, read, text } from './shape.ts';

/** The least number of sessions that a process remembers. */
const MOST_REMEMBERED = 10_000;

/**
 * The spreads of a session, by the account that handed the records over. The empty text stands for records that no
 * account handed over. Each account has its own spread and partitions, because it can forge records of any session.
 */
export type SessionSpreads = ReadonlyMap<string, SessionSpread>;

/** What a process remembers of a session: the claims that it has seen today, and the spread. */
interface SessionSight {
  readonly day: number;
  readonly claims: Set<string>;
  readonly spread: SessionSpread;
}

/** The shape of the fields that are read from a session's item. */
const spreadItemShape = fieldsOf({
  day: number,
  least: listOf(number),
  claims: number,
  writes: number,
  senders: optional(listOf(text)),
});

interface StoredSpread extends DayOfClaims {
  readonly spread: SessionSpread;
  /**
   * The accounts that handed over records of the session. Only one item of the session has this list: that of the
   * records which no account handed over.
   */
  readonly senders: readonly string[];
}

/**
 * The spread of each session, in small items of the claims table. The items outlive the records for which they were
 * written.
 */
export class SpreadStore {
  readonly #of: TableHandle;
  readonly #seen = new RecentMap<string, SessionSight>(MOST_REMEMBERED);

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /**
   * Returns a function that returns the spreads of each of these sessions. Records without a claim are never spread.
   */
  async ofSessions(sessions: readonly string[]): Promise<(session: string) => SessionSpreads> {
    const own = await this.#keptOf(sessions.map((session) => [session, ''] as const));
    const sent = sessions.flatMap((session) => {
      const senders = own.get(nameOf(session, ''))?.senders ?? [];
      return senders.map((sender) => [session, sender] as const);
    });
    const ofOthers = await this.#keptOf(sent);
    return (session) => {
      const { spread = UNSPREAD, senders = [] } = own.get(nameOf(session, '')) ?? {};
      const spreadOf = (sender: string) => ofOthers.get(nameOf(session, sender))?.spread ?? UNSPREAD;
      return new Map([['', spread], ...senders.map((sender) => [sender, spreadOf(sender)] as const)]);
    };
  }

  /** Returns those spreads of the session that can have records of the claim. */
  async ofClaim({ session, sender }: Pick<ClaimRange, 'session' | 'sender'>): Promise<SessionSpreads> {
    if (sender === undefined) return (await this.ofSessions([session]))(session);
    const senders = ['', sender]; // The records of a log group of the hub have the account of their cluster.
    const kept = await this.#keptOf(senders.map((each) => [session, each] as const));
    return new Map(senders.map((each) => [each, kept.get(nameOf(session, each))?.spread ?? UNSPREAD]));
  }

  async #keptOf(wanted: readonly (readonly [session: string, sender: string])[]) {
    const { database, table, clock } = this.#of;
    const names = new Map(wanted.map((each) => [nameOf(...each), keyOf(...each)]));
    const items = current(await database.getAll(table, [...names.values()]), clock());
    return new Map(items.map((item) => [keyText(item), readKept(item)]));
  }

  /** Returns a function that returns the shard of each of these records, which are about to be stored. */
  async forRecords(records: readonly StoredRecord[]): Promise<(stored: StoredRecord) => string> {
    const claimed = records.filter(({ session, claimId }) => session !== undefined && claimId !== undefined);
    const groups = [...Map.groupBy(claimed, nameOfRecord)];
    const spreads = new Map(
      await mapConcurrently(groups, async ([name, members]) => [name, await this.#for(members)] as const),
    );
    return (stored) => {
      const { claimId, id, record } = stored;
      const spread = claimId === undefined ? undefined : spreads.get(nameOfRecord(stored));
      return suffixOf(claimId, id, spread ?? UNSPREAD, spread && handedOverBy(record));
    };
  }

  /**
   * Returns the spread of one session, for records that one account handed over. Increases it first if these records
   * need that.
   */
  async #for(records: readonly StoredRecord[]): Promise<SessionSpread> {
    const [first] = records;
    if (first === undefined) return UNSPREAD;
    const [session, sender] = [first.session ?? '', handedOverBy(first.record)];
    const name = nameOf(session, sender);
    const day = dayOf(this.#of.clock());
    const claims = [...new Set(records.flatMap(({ claimId }) => claimId ?? []))];
    const wanted = spreadFor({ day, least: [] }, busiestSecond(records));
    const seen = this.#seen.get(name);
    if (seen?.day === day && wanted.writes <= seen.spread.writes) {
      // No claim can spread it further. Whoever forges events can invent millions of claims, which are not worth
      // remembering.
      const isWidest = seen.spread.claims === MOST_CLAIM_SHARDS;
      if (isWidest || claims.every((id) => seen.claims.has(id))) return seen.spread;
    }
    if (sender !== '') await this.#list(session, sender);
    const spread = await this.#grow(keyOf(session, sender), day, claims, wanted);
    const before = seen?.day === day ? seen.claims : [];
    this.#seen.set(name, { day, claims: new Set([...before, ...claims]), spread });
    return spread;
  }

  /**
   * Returns the spread of the session after it was increased. If the item can be read but not written, returns the
   * old spread. A batch should not fail for this.
   */
  async #grow(key: Key, day: number, claims: readonly string[], wanted: SessionSpread): Promise<SessionSpread> {
    let stored: SessionSpread | undefined;
    try {
      return await changeItem(this.#of, key, 'Store the records later.', (item, now) => {
        const kept = item && readKept(item);
        stored = kept?.spread ?? UNSPREAD;
        const { senders } = kept ?? NO_CLAIMS;
        const known = withClaims(kept, day, claims);
        const spread = widest(stored, widest(spreadFor(known, 0), wanted));
        if (JSON.stringify({ ...known, spread, senders }) === JSON.stringify(kept)) return { result: spread };
        return { item: spreadItem({ ...known, spread, senders }, expiry(now, this.#of.keep * 2)), result: spread };
      });
    } catch (fault) {
      if (stored === undefined) throw fault;
      return stored;
    }
  }

  /**
   * Adds the account to the list of those that handed over records of the session. The entry outlives every record that
   * is stored now.
   */
  async #list(session: string, sender: string): Promise<void> {
    const { keep } = this.#of;
    await changeItem(this.#of, keyOf(session, ''), 'Store the records later.', (item, now) => {
      const kept = item === undefined ? NO_CLAIMS : readKept(item);
      // A process checks this once a day.
      const isLasting = item !== undefined && read(number, item.expires, 'expires') * SECOND >= now + keep + DAY;
      if (isLasting && kept.senders.includes(sender)) return { result: undefined };
      const senders = [...new Set([...kept.senders, sender])];
      return { item: spreadItem({ ...kept, senders }, expiry(now, keep * 2)), result: undefined };
    });
  }
}

/** Returns the largest number of records that one claim has in one second. */
function busiestSecond(records: readonly StoredRecord[]): number {
  const seconds = Map.groupBy(records, ({ claimId, at = 0 }) => `${Math.floor(at / SECOND)} ${claimId}`);
  return Math.max(...[...seconds.values()].map((members) => members.length));
}

function readKept(item: Item): StoredSpread {
  const { day, least, claims, writes, senders = [] } = read(spreadItemShape, item);
  return { day, least, spread: { claims, writes }, senders };
}

function spreadItem({ day, least, spread, senders }: StoredSpread, expires: number): Item {
  return { day, least, ...spread, ...(senders.length > 0 && { senders }), expires };
}

function handedOverBy({ origin }: StoredRecord['record']): string {
  return origin?.handedOverBy ?? '';
}

function keyOf(session: string, sender: string): Key {
  return checkedKey({ partition: `spread ${fitted(session)}`, sort: `${SPREAD}${sender}` });
}

const SPREAD = 'spread ';

/** Returns a text that identifies an item, by its session and the account that handed the records over. */
function nameOf(session: string, sender: string): string {
  return keyText(keyOf(session, sender));
}

function nameOfRecord({ session = '', record }: StoredRecord): string {
  return nameOf(session, handedOverBy(record));
}

function keyText({ partition, sort }: Item | Key): string {
  return `${String(partition)} ${String(sort)}`;
}

/**
 * The number of partitions of `by-session` over which a session's records are spread (docs/decisions/0014). Both
 * numbers can only grow.
 */
export interface SessionSpread {
  /** The number of shards for the claims. */
  readonly claims: number;
  /** The number of shards for the records of one claim. */
  readonly writes: number;
}

export const UNSPREAD: SessionSpread = { claims: 1, writes: 1 };
const NO_CLAIMS: StoredSpread = { day: 0, least: [], spread: UNSPREAD, senders: [] };

/** Each row has a number of claims of a session on one day, and the number of shards from there. */
const CLAIM_SHARDS = [
  [0, 1],
  [16, 32],
  [512, 1_024],
] as const;

const MOST_CLAIM_SHARDS = Math.max(...CLAIM_SHARDS.map(([, shards]) => shards));

/**
 * Each row has a number of records of one claim in a second, and the number of shards from there. A partition
 * allows 1,000 writes a second, of all batches together.
 */
const WRITE_SHARDS = [
  [0, 1],
  [250, 4],
  [1_000, 16],
] as const;

/**
 * The number of hashes that are kept: the smallest ones. The number of claims is estimated from them, to about a
 * quarter.
 */
const LEAST = 16;
const HASHES = 2 ** 32;

/** The claims of a session that are known on one day, as hashes. */
export interface DayOfClaims {
  readonly day: number;
  /** The smallest hashes of claim IDs, in order, at most `LEAST`. */
  readonly least: readonly number[];
}

function dayOf(now: EpochMillis): number {
  return Math.floor(now / DAY);
}

/** Returns the day with these claims added. Claims that it has already change nothing. */
export function withClaims(known: DayOfClaims | undefined, day: number, claimIds: readonly string[]): DayOfClaims {
  const before = known?.day === day ? known.least : [];
  const all = new Set([...before, ...claimIds.map(hashOf)]);
  return { day, least: [...all].sort((a, b) => a - b).slice(0, LEAST) };
}

/** Returns the spread for the claims of a day and the given number of records of one claim in a second. */
export function spreadFor({ least }: DayOfClaims, busiest: number): SessionSpread {
  return { claims: shardsFor(CLAIM_SHARDS, claimsOf(least)), writes: shardsFor(WRITE_SHARDS, busiest) };
}

function widest(a: SessionSpread, b: SessionSpread): SessionSpread {
  return { claims: Math.max(a.claims, b.claims), writes: Math.max(a.writes, b.writes) };
}

/**
 * Returns the number of claims. A small number is counted, a large one is estimated from the density of the smallest
 * hashes.
 */
function claimsOf(least: readonly number[]): number {
  const last = least.at(-1);
  if (least.length < LEAST || last === undefined) return least.length;
  return Math.max(LEAST, ((LEAST - 1) * HASHES) / Math.max(last, 1));
}

function shardsFor(steps: readonly (readonly [from: number, shards: number])[], count: number): number {
  return steps.findLast(([from]) => count >= from)?.[1] ?? 1;
}

/**
 * Returns the part of a record's key that follows the session. It is empty for the first shard of records that no
 * account handed over.
 * @param sender the account that handed the record over, if any.
 */
export function suffixOf(
  claimId: string | undefined,
  id: string,
  { claims, writes }: SessionSpread,
  sender = '',
): string {
  return suffix(sender, claimId === undefined ? 0 : hashOf(claimId) % claims, hashOf(id) % writes);
}

/** Returns all suffixes under which records of the session can be. */
export function suffixesOfSession(spreads: SessionSpreads): readonly string[] {
  return [...spreads].flatMap(([sender, { claims, writes }]) =>
    suffixes(
      sender,
      Array.from({ length: claims }, (_, shard) => shard),
      writes,
    ),
  );
}

/**
 * Returns all suffixes under which records of the claim can be. There is one for each number of shards that the
 * session has had.
 */
export function suffixesOfClaim(claimId: string, spreads: SessionSpreads): readonly string[] {
  const hash = hashOf(claimId);
  return [...spreads].flatMap(([sender, { claims, writes }]) => {
    const numbers = CLAIM_SHARDS.map(([, shards]) => shards).filter((shards) => shards <= claims);
    return suffixes(sender, [...new Set(numbers.map((shards) => hash % shards))], writes);
  });
}

function suffixes(sender: string, claimShards: readonly number[], writes: number): string[] {
  const writeShards = Array.from({ length: writes }, (_, shard) => shard);
  return claimShards.flatMap((claim) => writeShards.map((write) => suffix(sender, claim, write)));
}

function suffix(sender: string, claim: number, write: number): string {
  const account = sender === '' ? '' : `@${sender}`;
  if (write > 0) return `${account}#${claim}.${write}`;
  return claim > 0 ? `${account}#${claim}` : account;
}

function hashOf(text: string): number {
  return Buffer.from(sha256(text), 'base64url').readUInt32BE();
}
