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
 * The number of records in a batch, from one second of events, at which their namespace is busy. It is low, because
 * other writers may have records of the same second.
 */
const BUSY_EVENTS = 250;
/**
 * A namespace is busy if this process writes as many of its records in one second. It is half of what a partition
 * allows.
 */
export const BUSY_WRITES = 500;
/** How long a namespace stays wide after it was busy, in seconds. The records of a wide namespace use all endings. */
const WIDE_FOR = DAY / SECOND;
/** The least number of namespaces that a process remembers. */
const MOST_REMEMBERED = 10_000;

/** Records that are stored under one file. A file is a key of the index without its ending. */
interface Filing {
  readonly file: string;
  readonly records: readonly StoredRecord[];
  /** The cluster and namespace of all the records. Undefined for the shared place of other namespaces. */
  readonly place: Place | undefined;
}

/** What is stored about a file (see `Filing`). Times are in seconds. */
interface FileState {
  /**
   * Whether the file is a namespace's own. Otherwise the records are in the common file of the account's other
   * namespaces.
   */
  readonly isOwn: boolean;
  /** The time until which the records may use all endings. */
  readonly wide: number;
}

/** What this process knows about a file. */
interface FileSight extends FileState {
  readonly day: number;
  /** A second of the process's clock, and the number of records that the process wrote in it. */
  readonly second: number;
  readonly written: number;
}

const shape = fieldsOf({ wide: number, mixed: number });
const NOT_OWN: FileState = { isOwn: false, wide: 0 };

/**
 * Where to read records. `namespace`: every place where the namespace has records. `own-place`: only its own place.
 * `OtherNamespaces`: the places that other namespaces share, one for each account.
 */
export type NamespacePlace = ({ readonly by: 'namespace' | 'own-place' } & Place) | OtherNamespaces;

/**
 * Limits the namespaces that get a place of their own. `listed` is the limit of an account. `unproven` is the limit of
 * a cluster, for namespaces without evidence that they exist.
 */
export interface PlaceLimits {
  readonly listed: number;
  readonly unproven: number;
}

/**
 * Limits the namespaces of an account's clusters that get a place of their own. A question that names no cluster reads
 * all of these places, of every account. The owner of an account can forge requests in any number of namespaces and
 * clusters, which then look proven. At most twice as many exist at a time.
 */
export const MOST_LISTED = 1_000;

/**
 * Limits the namespaces of a cluster that get a place of their own although nothing shows that they exist. There are
 * fewer typing errors than that. A query over the whole cluster can still read so many. At most twice as many exist at
 * a time.
 */
export const MOST_UNPROVEN = 100;

const MOST: PlaceLimits = { listed: MOST_LISTED, unproven: MOST_UNPROVEN };

/**
 * Knows in which partitions of `by-namespace` the records of each namespace are (docs/decisions/0017). Each namespace
 * can have a small item of the claims table that states this. The item outlives the records. Without an item, all
 * records of the namespace have the first ending.
 */
export class NamespacePlaces {
  readonly #of: TableHandle;
  readonly #listed: ListedNamespaces;
  readonly #seen = new RecentMap<string, FileSight>(MOST_REMEMBERED);

  constructor(of: TableHandle, most = MOST) {
    this.#of = of;
    this.#listed = new ListedNamespaces(of, most);
  }

  /** Returns a function that returns the keys under which records of a place can be. */
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

  /** Returns the accounts that may have records of the places among those of other namespaces. */
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
   * Returns a function that returns the ending of each record within its namespace.
   * @param expires the time until which the records will be stored.
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

  /** Returns whether a namespace without a place of its own may get one now. */
  #mayBeListed({ place, records }: Filing, expires: number): boolean {
    if (place === undefined || !isProven(place, records)) return false;
    return !this.#listed.isKnownFull(accountOfKey(place.clusterKey), expires);
  }

  /** Decides where the records are stored. It stores the decision before it returns, so that readers know it first. */
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
   * Decides about a new file. A namespace gets a place of its own unless its account has too many already. If nothing
   * shows that the namespace exists, its cluster must also have few such namespaces.
   */
  async #decideNew({ place, records }: Filing, expires: number) {
    if (place === undefined) return { wide: 0, mixed: 0 };
    const isOwn = await this.#listed.admit(place, isProven(place, records), expires);
    // The rule holds even if the account has no such records. Another process may be storing some there now.
    return { wide: 0, mixed: isOwn ? expires + 2 * DECIDED_FOR : NO_PLACE };
  }
}

/** The value of `mixed` if the namespace has no place of its own. Otherwise `mixed` is a time. */
const NO_PLACE = -1;

/** Returns whether the namespace is known to exist. The place for cluster-wide requests needs no proof. */
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

/** How long a process may use its decision, in seconds: a day. */
const DECIDED_FOR = DAY / SECOND;

const countShape = fieldsOf({ count: number, since: number, full: number });

interface ListedCount {
  readonly count: number;
  /** The time at which the count began, in seconds. */
  readonly since: number;
  /** The time until which the account's other namespaces may have records, in seconds. 0 if they never had any. */
  readonly full: number;
}

/**
 * Counts the namespaces with a place of their own, in small items of the claims table. One item counts those of an
 * account. Another one counts those of a cluster that are not proven to exist.
 */
class ListedNamespaces {
  readonly #of: TableHandle;
  readonly #most: PlaceLimits;
  /**
   * The previous admission. The next one waits for it. Otherwise the admissions of one batch would keep losing their
   * optimistic writes.
   */
  #last: Promise<unknown> = Promise.resolve();
  /** The counts that have reached their limit, each with the time until which other namespaces may have records. */
  readonly #full = new RecentMap<string, number>(MOST_REMEMBERED);

  constructor(of: TableHandle, most: PlaceLimits) {
    this.#of = of;
    this.#most = most;
  }

  /** Returns whether the namespace gets a place of its own. If so, counts it. */
  admit(place: Place, isKnown: boolean, expires: number): Promise<boolean> {
    const admission = this.#last.then(() => this.#admit(place, isKnown, expires));
    this.#last = admission.catch(() => undefined); // Its own caller gets the error.
    return admission;
  }

  /**
   * Returns whether this process knows that the account has its maximum of namespaces.
   * @param expires the time until which the records will be stored.
   */
  isKnownFull(account: string, expires: number): boolean {
    return this.#isFull(limitKey(listKey(account), this.#most.listed), expires);
  }

  async #admit({ clusterKey }: Place, isKnown: boolean, expires: number): Promise<boolean> {
    const isRefused = !isKnown && !(await this.#take(unprovenKey(clusterKey), this.#most.unproven, expires));
    // Readers only look at the account's count. So that count must say that there are others, even if the cluster's
    // limit caused that.
    return this.#take(listKey(accountOfKey(clusterKey)), isRefused ? 0 : this.#most.listed, expires);
  }

  #isFull(limit: string, expires: number): boolean {
    return (this.#full.get(limit) ?? 0) >= expires + DECIDED_FOR;
  }

  /**
   * Counts the namespace if the limit allows it. Otherwise notes until when the shared place is in use. This is at
   * least a day longer than records are kept, because a process uses its decision for a day.
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

/** Returns the count. If it began so long ago that the first namespaces have expired, returns a new count. */
function countedOf(item: Item | undefined, now: EpochMillis, keep: number): ListedCount {
  const began = Math.floor(secondsOf(now));
  if (item === undefined) return { count: 0, since: began, full: 0 };
  const { count, since, full } = read(countShape, item);
  const isOld = epochMillis(since * SECOND + keep * 2) < now;
  return isOld ? { count: 0, since: began, full } : { count, since, full };
}

/** Returns the time until which the shared place may have records, in seconds. */
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

/** The beginning of the key of an account's count. Without it, the key of an unknown account would be empty. */
const OF_ACCOUNT = 'of ';

/** Returns the accounts that have records among those of their other namespaces. */
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
