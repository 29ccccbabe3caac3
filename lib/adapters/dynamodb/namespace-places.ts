import { NO_NAMESPACE, type Place, placeOf } from '../../attribution/place.ts';
import { provesNamespace } from '../../claims/proven-namespace.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { accountOfKey } from '../../identity/cluster.ts';
import type { OtherNamespaces, StoredRecord } from '../../ports/records.ts';
import { RecentMap } from '../../recent-map.ts';
import { DAY, type EpochMillis, epochMillis, SECOND } from '../../time.ts';
import { current, expiry, outlivesRecords, secondsOf } from '../expiry.ts';
import { changeItem } from './change-item.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import {
  ENDINGS,
  type Ending,
  endingOf,
  FIRST_ENDING,
  keyInFile,
  namespaceFile,
  othersFile,
  wideEnding,
} from './record-item.ts';
import { type Item, queryRequest } from './requests.ts';
import { fieldsOf, number, read, text } from './shape.ts';
import { TABLES } from './tables.ts';

/**
 * Records of one second of events in a batch that make a namespace busy. Several writers may have a share of the same
 * second.
 */
const BUSY_EVENTS = 250;
/**
 * The number of records by which a namespace gets busy if this process writes them in one second of its clock: half of
 * what a partition allows.
 */
export const BUSY_WRITES = 500;
/** How long a namespace stays wide after it was busy, in seconds. The records of a wide namespace use all endings. */
const WIDE_FOR = DAY / SECOND;
/** The minimum number of namespaces that a process remembers. */
const MOST_REMEMBERED = 10_000;

/** Records to be stored under one key of the index, without its ending. */
interface Filing {
  readonly file: string;
  readonly records: readonly StoredRecord[];
  /** Cluster and namespace of all of them; undefined for records among other namespaces. */
  readonly place: Place | undefined;
}

/** The stored state of a file, which is a key of the index without its ending. Times are in seconds. */
interface FileState {
  /** Whether its records are in the namespace's own file and not among the account's other namespaces. */
  readonly isOwn: boolean;
  /** Time until which they may use all endings. */
  readonly wide: number;
}

/** The state of a file as this process knows it. */
interface FileSight extends FileState {
  readonly day: number;
  /** Second of the process's clock, and the number of records that it wrote in it. */
  readonly second: number;
  readonly written: number;
}

const shape = fieldsOf({ wide: number, mixed: number });
const NOT_OWN: FileState = { isOwn: false, wide: 0 };

/**
 * Where to read records from. `namespace`: every place where the namespace has records. `own-place`: its own place
 * only. `OtherNamespaces`: the places that the other namespaces share, one for each account.
 */
export type NamespacePlace = ({ readonly by: 'namespace' | 'own-place' } & Place) | OtherNamespaces;

/** Limits on the namespaces that have a place of their own: of an account, and those of a cluster without evidence that they exist. */
export interface PlaceLimits {
  readonly listed: number;
  readonly unproven: number;
}

/**
 * The maximum number of namespaces of an account's clusters that get their own place. A question that names no cluster reads
 * all of these, of every account. Whoever owns an account can forge requests in any number of namespaces and clusters, which
 * then look proven. At most twice as many exist at a time.
 */
export const MOST_LISTED = 1_000;

/**
 * The maximum number of namespaces of a cluster that get their own place although nothing shows that they exist. It is more than the
 * typing errors of people, and few enough for a query over the whole cluster. At most twice as many exist at a time.
 */
export const MOST_UNPROVEN = 100;

const MOST: PlaceLimits = { listed: MOST_LISTED, unproven: MOST_UNPROVEN };

/**
 * Knows in which partitions of `by-namespace` the records of each namespace are (docs/decisions/0017). It keeps that in
 * a small item of the claims table for each namespace, which outlives the records. A namespace without such an item has
 * no records with other endings than the first.
 */
export class NamespacePlaces {
  readonly #of: TableHandle;
  readonly #listed: ListedNamespaces;
  readonly #seen = new RecentMap<string, FileSight>(MOST_REMEMBERED);

  constructor(of: TableHandle, most = MOST) {
    this.#of = of;
    this.#listed = new ListedNamespaces(of, most);
  }

  /** Returns a function that gives the keys under which records of a place can be. */
  async of(places: readonly NamespacePlace[]): Promise<(place: NamespacePlace) => readonly string[]> {
    const { database, table, clock } = this.#of;
    const accounts = await this.#accountsOf(places);
    const own = places.flatMap((place) => (place.by === 'other-namespaces' ? [] : [keyOf(namespaceFile(place))]));
    const shared = accounts.flatMap((account) => [keyOf(othersFile(account)), listKey(account)]);
    const once = [...new Map([...own, ...shared].map((key) => [textOf(key), key])).values()];
    const items = current(await database.getAll(table, once), clock());
    const byKey = new Map(items.map((item) => [textOf(item), item]));
    const now = secondsOf(clock());
    const keysIn = (file: string) => {
      const item = byKey.get(textOf(keyOf(file)));
      const isWide = item !== undefined && read(shape, item).wide >= now;
      return (isWide ? ENDINGS : [FIRST_ENDING]).map((ending) => keyInFile(file, ending));
    };
    const othersOf = (account: string) => {
      const item = byKey.get(textOf(listKey(account)));
      return item !== undefined && fullUntil(item) >= now ? keysIn(othersFile(account)) : [];
    };
    return (place) => {
      if (place.by === 'other-namespaces')
        return (place.accounts === 'all' ? accounts : place.accounts).flatMap(othersOf);
      if (place.by === 'own-place') return keysIn(namespaceFile(place));
      const item = byKey.get(textOf(keyOf(namespaceFile(place))));
      const isMixed = item === undefined || read(shape, item).mixed >= now;
      return [...keysIn(namespaceFile(place)), ...(isMixed ? othersOf(accountOfKey(place.clusterKey)) : [])];
    };
  }

  /** Returns the accounts that may have records of the places among their other namespaces. */
  async #accountsOf(places: readonly NamespacePlace[]): Promise<readonly string[]> {
    const isOfAll = places.some((place) => place.by === 'other-namespaces' && place.accounts === 'all');
    const all = isOfAll ? await accountsWithOthers(this.#of) : [];
    const stated = places.flatMap((place) => {
      if (place.by === 'other-namespaces') return place.accounts === 'all' ? [] : place.accounts;
      return place.by === 'namespace' ? [accountOfKey(place.clusterKey)] : [];
    });
    return [...new Set([...stated, ...all])];
  }

  /**
   * Returns a function that gives the ending of each record within its namespace. The records are about to be stored
   * until `expires`.
   */
  async forRecords(records: readonly StoredRecord[], expires: number): Promise<(stored: StoredRecord) => Ending> {
    const known = new Map<string, FileState>();
    const note = (filings: readonly Filing[]) =>
      mapConcurrently(filings, async (filing) => known.set(filing.file, await this.#stateFor(filing, expires)));
    const byFile = Map.groupBy(records, ({ record }) => namespaceFile(placeOf(record)));
    await note([...byFile].map(([file, of]) => ({ file, records: of, place: of[0] && placeOf(of[0].record) })));
    const isOwn = ({ record }: StoredRecord) => known.get(namespaceFile(placeOf(record)))?.isOwn === true;
    const others = Map.groupBy(
      records.filter((stored) => !isOwn(stored)),
      ({ record }) => othersFile(accountOfKey(placeOf(record).clusterKey)),
    );
    await note([...others].map(([file, of]) => ({ file, records: of, place: undefined })));
    return (stored) => {
      const place = placeOf(stored.record);
      const file = isOwn(stored) ? namespaceFile(place) : othersFile(accountOfKey(place.clusterKey));
      const isWide = (known.get(file)?.wide ?? 0) >= expires;
      return endingOf(isOwn(stored), isWide ? wideEnding(stored.id) : FIRST_ENDING);
    };
  }

  async #stateFor(filing: Filing, expires: number): Promise<FileState> {
    const now = this.#of.clock();
    const [day, second] = [Math.floor(now / DAY), Math.floor(now / SECOND)];
    const seen = this.#seen.get(filing.file);
    const written = filing.records.length + (seen?.second === second ? seen.written : 0);
    const isBusy = written >= BUSY_WRITES || busiestSecond(filing.records) >= BUSY_EVENTS;
    const isEnough = seen?.isOwn === true ? !isBusy || seen.wide >= expires : !this.#mayBeListed(filing, expires);
    const known = seen?.day === day && isEnough ? seen : await this.#decide(filing, isBusy, expires);
    this.#seen.set(filing.file, { isOwn: known.isOwn, wide: known.wide, day, second, written });
    return known;
  }

  /** Returns whether a namespace without its own place may get one now. */
  #mayBeListed({ place, records }: Filing, expires: number): boolean {
    if (place === undefined || !isProven(place, records)) return false;
    return !this.#listed.isKnownFull(accountOfKey(place.clusterKey), expires);
  }

  /** Decides where the records go, and stores that for readers before it returns. */
  #decide(filing: Filing, isBusy: boolean, expires: number): Promise<FileState> {
    const { keep } = this.#of;
    return changeItem(this.#of, keyOf(filing.file), 'Store its records later.', async (kept, now) => {
      const { wide: before, mixed } = kept === undefined ? await this.#decideNew(filing, expires) : read(shape, kept);
      if (mixed === NO_PLACE) return { result: NOT_OWN };
      const wide = isBusy ? Math.max(before, expires + WIDE_FOR) : before;
      const result = { isOwn: true, wide };
      if (kept !== undefined && wide === before && outlivesRecords(kept, now, keep)) return { result };
      return { item: { wide, mixed, expires: expiry(now, keep * 2) }, result };
    });
  }

  /**
   * Decides about a new file. A namespace that is not known to exist gets its own place while the cluster has few of
   * these, and any namespace while the account has not too many.
   */
  async #decideNew({ place, records }: Filing, expires: number) {
    if (place === undefined) return { wide: 0, mixed: 0 };
    const isOwn = await this.#listed.admit(place, isProven(place, records), expires);
    // This holds even if the account has no others: another process may be filing some of its records there now.
    return { wide: 0, mixed: isOwn ? expires + 2 * DECIDED_FOR : NO_PLACE };
  }
}

/** A value instead of a time: the namespace is among the others. */
const NO_PLACE = -1;

/** Returns whether the namespace is known to exist. The place of requests in no namespace needs no proof. */
function isProven({ namespace }: Place, records: readonly StoredRecord[]): boolean {
  return namespace === NO_NAMESPACE || records.some(({ record }) => provesNamespace(record));
}

function busiestSecond(records: readonly StoredRecord[]): number {
  const seconds = Map.groupBy(records, ({ at = 0 }) => Math.floor(at / SECOND));
  return Math.max(...[...seconds.values()].map((members) => members.length));
}

function keyOf(file: string): Key {
  return checkedKey({ partition: `spread of ${file}`, sort: 'namespace' });
}

/** How long a process may use its decision: a day. */
const DECIDED_FOR = DAY / SECOND;

const countShape = fieldsOf({ count: number, since: number, full: number });

interface ListedCount {
  readonly count: number;
  /** The time at which the count began, in seconds. */
  readonly since: number;
  /** Until when records may be among the account's other namespaces, in seconds; 0 if there never were any. */
  readonly full: number;
}

/**
 * The number of namespaces with a place of their own: of each account all, and of each cluster those that are not proven. Small items of the
 * claims table hold it.
 */
class ListedNamespaces {
  readonly #of: TableHandle;
  readonly #most: PlaceLimits;
  /** The previous admission. The next one waits for it, because admissions of one batch would keep losing their optimistic writes. */
  #last: Promise<unknown> = Promise.resolve();
  /** Counts that have reached their limit, with the time until which records may be among the others. */
  readonly #full = new RecentMap<string, number>(MOST_REMEMBERED);

  constructor(of: TableHandle, most: PlaceLimits) {
    this.#of = of;
    this.#most = most;
  }

  /** Returns whether one more namespace gets its own place. */
  admit(place: Place, isKnown: boolean, expires: number): Promise<boolean> {
    const admission = this.#last.then(() => this.#admit(place, isKnown, expires));
    this.#last = admission.catch(() => undefined); // Its own caller gets the error.
    return admission;
  }

  /** Returns whether this process knows that the account has as many namespaces as it may, for records that are stored until `expires`. */
  isKnownFull(account: string, expires: number): boolean {
    return this.#isFull(limitKey(listKey(account), this.#most.listed), expires);
  }

  async #admit({ clusterKey }: Place, isKnown: boolean, expires: number): Promise<boolean> {
    const isRefused = !isKnown && !(await this.#take(unprovenKey(clusterKey), this.#most.unproven, expires));
    // Readers look at the account's count. So it also says that there are others if the cluster's limit made them.
    return this.#take(listKey(accountOfKey(clusterKey)), isRefused ? 0 : this.#most.listed, expires);
  }

  #isFull(limit: string, expires: number): boolean {
    return (this.#full.get(limit) ?? 0) >= expires + DECIDED_FOR;
  }

  /**
   * Counts the namespace if there is room. If not, the place of the others counts as used for a day longer, because a
   * process may use its decision until then.
   */
  async #take(key: Key, most: number, expires: number): Promise<boolean> {
    const { keep } = this.#of;
    const limit = limitKey(key, most);
    if (this.#isFull(limit, expires)) return false;
    return changeItem(this.#of, key, 'Store the records later.', (item, now) => {
      const counted = countedOf(item, now, keep);
      const result = counted.count < most;
      const isNoted = !result && counted.full >= expires + DECIDED_FOR;
      const full = result || isNoted ? counted.full : expires + 2 * DECIDED_FOR;
      if (!result) this.#full.set(limit, full);
      if (isNoted) return { result };
      const next = { ...counted, full, count: counted.count + Number(result) };
      return { item: { ...next, expires: Math.max(expiry(now, keep * 2), full + DECIDED_FOR) }, result };
    });
  }
}

/** Returns the count, or a new one if the old one began so long ago that the namespaces counted first have expired. */
function countedOf(item: Item | undefined, now: EpochMillis, keep: number): ListedCount {
  const began = Math.floor(secondsOf(now));
  if (item === undefined) return { count: 0, since: began, full: 0 };
  const { count, since, full } = read(countShape, item);
  const isOld = epochMillis(since * SECOND + keep * 2) < now;
  return isOld ? { count: 0, since: began, full } : { count, since, full };
}

/** Returns until when records may be in the place of the other namespaces, in seconds. */
function fullUntil(item: Item): number {
  return read(countShape, item).full;
}

function unprovenKey(clusterKey: Place['clusterKey']): Key {
  return checkedKey({ partition: `unproven of ${fitted(clusterKey)}`, sort: 'namespaces' });
}

/** The partition with the counts of all accounts. */
const LISTED = 'listed namespaces';

function listKey(account: string): Key {
  return checkedKey({ partition: LISTED, sort: `${OF_ACCOUNT}${account}` });
}

/** The beginning of the key of an account's count. The key would be empty without it if the account is unknown. */
const OF_ACCOUNT = 'of ';

/** Returns the accounts that have records among their other namespaces. */
export async function accountsWithOthers({ database, table, clock }: TableHandle): Promise<readonly string[]> {
  const found = await database.query(queryRequest(table, TABLES.claims.key, { hash: LISTED, order: 'ascending' }));
  const now = clock();
  return current(found, now)
    .filter((item) => fullUntil(item) >= secondsOf(now))
    .map(accountIn);
}

function accountIn({ sort }: Item): string {
  return read(text, sort, 'sort').slice(OF_ACCOUNT.length);
}

function limitKey(key: Key, most: number): string {
  return `${textOf({ ...key })} ${most}`;
}

function textOf({ partition, sort }: { readonly partition?: unknown; readonly sort?: unknown }): string {
  return JSON.stringify([partition, sort]);
}
