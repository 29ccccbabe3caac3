import { isOfCluster, nameInId } from '../../attribution/actor-id.ts';
import { isLong } from '../../claims/identity.ts';
import {
  canBeRenamed,
  distinctionOf,
  isListedAt,
  KNOWN_KINDS,
  type KnownEntry,
  type KnownKind,
  type KnownName,
  LISTED_BASES,
  mergeNames,
  mergeSeenBy,
  mergeSightings,
  type NameTimes,
  namesOfRecord,
  renamedActorOf,
  type SeenBy,
  sightingOf,
  wholeEntry,
} from '../../claims/known.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Directory, DirectoryPage, KnownPage } from '../../ports/directory.ts';
import { PositionError, type TimeRange } from '../../ports/paging.ts';
import type { StoredRecord } from '../../ports/records.ts';
import { RecentMap } from '../../recent-map.ts';
import { DAY, type EpochMillis } from '../../time.ts';
import { sha256 } from '../digest.ts';
import { current, expiry, outlivesRecords } from '../expiry.ts';
import { changeItem } from './change-item.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, isSort, type Key } from './keys.ts';
import { accountsWithOthers } from './namespace-places.ts';
import { type Item, queryRequest } from './requests.ts';
import { instant, listOf, objectOf, oneOf, optional, read, text, truth } from './shape.ts';
import { TABLES } from './tables.ts';

/** The least number of entries that a process remembers as written for a day. */
const MOST_REMEMBERED = 25_000;

/**
 * The number of entries in a page of a search for one name, and the maximum number of pages. Anybody can invent names
 * that begin with that name.
 */
const PAGE = 1_000;
const MOST_PAGES_OF_NAME = 20;

/** The names of an actor's ID, and the accounts that saw it. */
interface NamesOfId {
  readonly names: readonly NameTimes[];
  readonly seenBy: readonly SeenBy[];
}

/** A function that returns whether the record's namespace is listed. */
type IsListed = (stored: StoredRecord) => boolean;

interface SessionDay {
  readonly roleId: string;
  readonly session: string;
  readonly day: number;
}

/**
 * Names in stored records, as small items of the claims table. Each actor, role, cluster and namespace has an item,
 * and
 * so has each session of a role and day. A process writes each item once for each day of events. Before it writes a
 * name, it reads whether another process did so for that day, which costs a read unit. It writes sessions
 * without reading. Items are kept for twice as long as a record after they were last written. So the names of every
 * stored record exist.
 */
export class DynamoDbDirectory implements Directory {
  readonly #of: TableHandle;
  readonly #noted = new RecentMap<string, true>(MOST_REMEMBERED);

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /**
   * Notes the names in these records. Call it before the records are stored, so that every stored record can be found.
   * @param isListed returns whether the record's namespace is noted.
   */
  async note(records: readonly StoredRecord[], isListed: IsListed = () => true): Promise<void> {
    await Promise.all([this.noteNames(records, isListed), this.#noteSessions(records)]);
  }

  /** Notes names as `note` does, but no sessions, because a correction changes no session. */
  async noteNames(records: readonly StoredRecord[], isListed: IsListed): Promise<void> {
    const now = this.#of.clock();
    const entries = new Map<string, { readonly key: Key; readonly entry: KnownEntry }>();
    for (const stored of records) {
      const { record, at = now } = stored;
      const note = (name: KnownName, time: EpochMillis) => {
        const key = keyOf(name);
        const entry = sightingOf(name, record, time);
        const id = [key.partition, key.sort, dayOf(time), ...newIn(entry)].join(' ');
        if (this.#noted.get(id)) return;
        entries.set(id, { key, entry: mergeSightings(entries.get(id)?.entry, entry) });
      };
      for (const name of namesOfRecord(record)) if (name.kind !== 'namespace' || isListed(stored)) note(name, at);
      const today = renamedActorOf(record);
      if (today !== undefined) note(today, now);
    }
    await this.#noteEntries([...entries.values()]);
    this.#remember(entries.keys());
  }

  async #noteSessions(records: readonly StoredRecord[]): Promise<void> {
    const now = this.#of.clock();
    const days = new Map<string, SessionDay>();
    for (const { record, at = now, session } of records) {
      const { roleId } = record.caller;
      if (roleId === undefined || session === undefined) continue;
      const id = `${roleId} ${session} ${dayOf(at)}`;
      if (!this.#noted.get(id)) days.set(id, { roleId, session, day: dayOf(at) });
    }
    await this.#putSessions([...days.values()], now);
    this.#remember(days.keys());
  }

  #remember(ids: Iterable<string>): void {
    for (const id of ids) this.#noted.set(id, true);
  }

  async #putSessions(days: readonly SessionDay[], now: EpochMillis): Promise<void> {
    const { database, table, keep } = this.#of;
    const expires = expiry(now, keep * 2);
    await database.putAll(
      table,
      days.map(({ roleId, session, day }) => ({
        ...checkedKey({ partition: rolePartition(roleId), sort: `${dayText(day)} ${fitted(session)}` }),
        expires,
      })),
    );
  }

  /** Writes the entries. A name that is new on several days has one item, so it is written once. */
  async #noteEntries(entries: readonly { readonly key: Key; readonly entry: KnownEntry }[]): Promise<void> {
    const byItem = Map.groupBy(entries, ({ key }) => `${key.partition} ${key.sort}`);
    await mapConcurrently([...byItem.values()], async (days) => {
      const [first, ...others] = days;
      if (first === undefined) return;
      const entry = others.reduce((known, day) => mergeSightings(known, day.entry), first.entry);
      const { names, seenBy } = await this.#namesWith(entry);
      if (names.length < 2) await this.#noteEntry(first.key, entry);
      else
        await mapConcurrently(names, (each) => {
          const { arn: _arn, isReported: _isReported, ...ofId } = entry;
          const ofName = { ...(each.name === entry.name ? entry : ofId), ...each };
          return this.#noteEntry(keyOf(ofName), { ...ofName, names, seenBy });
        });
    });
  }

  /**
   * Adds the name to those of the actor's ID. Returns all of these names, or none if the ID contains the name. They are
   * in an item of their own. Lists are in the order of names, in which the names of one ID are far apart.
   */
  async #namesWith(entry: KnownEntry): Promise<NamesOfId> {
    const { kind, id, seenBy = [] } = entry;
    if (kind !== 'actor' || id === undefined || !canBeRenamed(id)) return { names: [], seenBy };
    const { keep } = this.#of;
    return changeItem(this.#of, namesKey(id), 'Store the records later.', (kept, now) => {
      const before = kept && readNames(kept);
      const after = { names: mergeNames(before?.names, [entry]), seenBy: mergeSeenBy(before?.seenBy, seenBy) };
      const isKnown = before && areSameNames(before.names, after.names) && areSameAccounts(before.seenBy, after.seenBy);
      if (isKnown && outlivesRecords(kept, now, keep)) return { result: after };
      return { item: { ...after, expires: expiry(now, keep * 2) }, result: after };
    });
  }

  #noteEntry(key: Key, entry: KnownEntry): Promise<void> {
    const { keep } = this.#of;
    return changeItem(this.#of, key, 'Store the records later.', (kept, now) => {
      const before = kept && readEntry(kept);
      const after = mergeSightings(before, entry);
      if (before !== undefined && isSame(before, after) && outlivesRecords(kept, now, keep))
        return { result: undefined };
      return { item: { ...after, expires: expiry(now, keep * 2) }, result: undefined };
    });
  }

  async known(kind: KnownKind, prefix: string, page: DirectoryPage): Promise<KnownPage> {
    const { limit, position, until } = page;
    if ([position, until].some((place) => place !== undefined && !(place.startsWith(prefix) && isSort(place))))
      throw new PositionError('The position does not belong to this answer.');
    if (isLong(prefix)) return { entries: [] }; // The key of such a long name has its digest.
    const { database, table, clock } = this.#of;
    const begin = position ?? prefix;
    const end = until ?? (prefix === '' ? '' : `${prefix}\u{10ffff}`);
    const bounds = { ...(begin !== '' && { from: begin }), ...(end !== '' && { to: end }) };
    const found = await mapConcurrently(partitionsOf(kind, page.home), (hash) => {
      const keyRange = { hash, ...bounds, order: 'ascending', limit: limit + 2 } as const;
      return database.query(queryRequest(table, TABLES.claims.key, keyRange));
    });
    const rest = found
      .flat()
      .filter(({ sort }) => sort !== position)
      .map((item) => ({ item, sort: read(text, item.sort, 'sort') }))
      .sort((a, b) => compareSorts(a.sort, b.sort));
    const taken = rest.slice(0, limit);
    const entries = current(
      taken.map(({ item }) => item),
      clock(),
    ).map(readEntry);
    const last = taken.at(-1);
    const begun = entries.filter(({ name }) => name.startsWith(prefix)); // The key continues after the name.
    return {
      entries: begun.filter((entry) => isListedAt(entry, prefix)).map(wholeEntry),
      ...(rest.length > limit && last && { position: last.sort }),
    };
  }

  async actorsNamed(name: string): Promise<readonly KnownEntry[]> {
    return (await mapConcurrently(partitionsOf('actor'), (hash) => this.#actorsIn(hash, name))).flat();
  }

  async #actorsIn(hash: string, name: string): Promise<readonly KnownEntry[]> {
    const { database, table, clock } = this.#of;
    const begin = `${fitted(name)} `;
    const found: KnownEntry[] = [];
    let after: Item | undefined;
    for (let pages = 0; pages < MOST_PAGES_OF_NAME; pages += 1) {
      const bounds = { from: begin, to: `${begin}\u{10ffff}` };
      const keyRange = { hash, ...bounds, order: 'ascending', limit: PAGE, after } as const;
      const items = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
      const entries = current(items, clock()).map(readEntry);
      found.push(...entries.flatMap((entry) => (entry.name === name ? wholeEntry(entry) : [])));
      const last = items.at(-1);
      if (items.length < PAGE || last === undefined) break;
      after = { partition: last.partition, sort: last.sort };
    }
    return found;
  }

  async actorOf(id: string): Promise<KnownEntry | undefined> {
    const { database, table, clock } = this.#of;
    const kept = canBeRenamed(id) ? await database.get(table, { ...namesKey(id) }) : undefined;
    const name = kept === undefined ? nameInId(id) : readNames(kept).names[0]?.name;
    if (name === undefined) return undefined;
    const item = await database.get(table, { ...keyOf({ kind: 'actor', name, id }) });
    const [entry] = item === undefined ? [] : current([item], clock()).map(readEntry);
    return entry && wholeEntry(entry);
  }

  unlisted(): Promise<readonly string[]> {
    return accountsWithOthers(this.#of);
  }

  async sessionsOfRole(roleId: string, { from, to }: TimeRange, most: number): Promise<readonly string[]> {
    const { database, table, clock } = this.#of;
    const now = clock();
    const bounds = {
      from: dayText(from === undefined ? 0 : dayOf(from)),
      to: `${dayText(to === undefined ? LAST_DAY : dayOf(to))}\u{10ffff}`,
    };
    const sessions = new Set<string>();
    let after: Item | undefined;
    for (;;) {
      const limit = 1_000;
      const keyRange = { hash: rolePartition(roleId), ...bounds, order: 'ascending', limit, after } as const;
      const items = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
      for (const { sort } of current(items, now)) sessions.add(read(text, sort, 'sort').slice(DAY_DIGITS + 1));
      const last = items.at(-1);
      if (items.length < limit || last === undefined || sessions.size > most) return [...sessions];
      after = { partition: last.partition, sort: last.sort };
    }
  }
}

/** Returns the values that a record can add to a name that was already noted for the day. */
function newIn({ arn, proven, isReported, seenBy = [] }: KnownEntry): readonly (string | true | undefined)[] {
  return [arn, proven, isReported, ...seenBy.map(({ account }) => account)];
}

function isSame(a: KnownEntry, b: KnownEntry): boolean {
  if (!areSameNames(a.names ?? [], b.names ?? []) || !areSameAccounts(a.seenBy ?? [], b.seenBy ?? [])) return false;
  return isSameDays(a, b) && a.arn === b.arn && a.proven === b.proven && a.isReported === b.isReported;
}

function isSameDays(a: Omit<NameTimes, 'name'>, b: Omit<NameTimes, 'name'>): boolean {
  return a.first <= b.first && dayOf(a.last) >= dayOf(b.last);
}

function areSameNames(a: readonly NameTimes[], b: readonly NameTimes[]): boolean {
  return a.length === b.length && b.every((each) => a.some((known) => isSameName(known, each)));
}

function areSameAccounts(a: readonly SeenBy[], b: readonly SeenBy[]): boolean {
  return (
    a.length === b.length &&
    b.every((each) => a.some((known) => known.account === each.account && isSameDays(known, each)))
  );
}

function isSameName(a: NameTimes, b: NameTimes): boolean {
  return a.name === b.name && a.isReported === b.isReported && isSameDays(a, b);
}

const nameTimesShape = objectOf<NameTimes>({ name: text, first: instant, last: instant, isReported: optional(truth) });
const seenByShape = objectOf<SeenBy>({ account: optional(text), first: instant, last: instant });
const namesShape = objectOf<NamesOfId>({ names: listOf(nameTimesShape), seenBy: listOf(seenByShape) });

function readNames(item: Item): NamesOfId {
  return read(namesShape, item);
}

const entryShape = objectOf<Omit<KnownEntry, 'samePerson'>>({
  kind: oneOf(KNOWN_KINDS),
  name: text,
  cluster: optional(text),
  clusterArn: optional(text),
  arn: optional(text),
  id: optional(text),
  idBasis: optional(oneOf(LISTED_BASES)),
  accountId: optional(text),
  origin: optional(objectOf<NonNullable<KnownEntry['origin']>>({ handedOverBy: text })),
  principalId: optional(text),
  names: optional(listOf(nameTimesShape)),
  seenBy: optional(listOf(seenByShape)),
  proven: optional(truth),
  isReported: optional(truth),
  first: instant,
  last: instant,
});

function readEntry(item: Item): KnownEntry {
  return read(entryShape, item);
}

/** The number of characters of the digest that distinguishes entries of the same name. */
const APART = 12;
/** Matches a name that ends like the key of another entry. Users of other authenticators can have any name. */
const ENDS_AS_APART = new RegExp(` [\\w-]{${APART}}$`);

/** Returns the key of an entry: the name, and then the digest that distinguishes entries of the same name. */
function keyOf(known: KnownName): Key {
  const { kind, name, id } = known;
  const which = distinctionOf(known) ?? (ENDS_AS_APART.test(name) ? '' : undefined);
  const apart = which === undefined ? '' : ` ${sha256(which).slice(0, APART)}`;
  return checkedKey({ partition: partitionOf(kind, isOfCluster(id)), sort: `${fitted(name) || ' '}${apart}` });
}

function namesKey(id: string): Key {
  return checkedKey({ partition: `names of ${fitted(id)}`, sort: ' ' });
}

/**
 * Returns the partition of the entries. Users of clusters have a partition of their own, so that invented ones do not
 * hide people.
 */
function partitionOf(kind: KnownKind, isUserOfCluster: boolean): string {
  return kind === 'actor' && isUserOfCluster ? 'known actor of a cluster' : `known ${kind}`;
}

function partitionsOf(kind: KnownKind, home?: DirectoryPage['home']): readonly string[] {
  const isOf = home === undefined ? [false, true] : [home === 'cluster'];
  return [...new Set(isOf.map((isUserOfCluster) => partitionOf(kind, isUserOfCluster)))];
}

/** Compares texts by their UTF-8 bytes, as DynamoDB does. */
function compareSorts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function rolePartition(roleId: string): string {
  return `role ${fitted(roleId)}`;
}

const DAY_DIGITS = 6;
const LAST_DAY = 10 ** DAY_DIGITS - 1;

function dayOf(at: EpochMillis): number {
  return Math.min(Math.max(Math.floor(at / DAY), 0), LAST_DAY);
}

function dayText(day: number): string {
  return String(day).padStart(DAY_DIGITS, '0');
}
