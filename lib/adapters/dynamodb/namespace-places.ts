import { NO_NAMESPACE, type Place, placeOf } from '../../attribution/place.ts';
import { provesNamespace } from '../../claims/proven-namespace.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { ClusterKey } from '../../identity/cluster.ts';
import type { StoredRecord } from '../../ports/records.ts';
import { RecentMap } from '../../recent-map.ts';
import { DAY, type EpochMillis, epochMillis, SECOND } from '../../time.ts';
import { current, expiry, isExpired, outlivesRecords, secondsOf } from '../expiry.ts';
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
import type { Item } from './requests.ts';
import { fieldsOf, number, read } from './shape.ts';

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
/** How long a namespace stays wide after it was busy, in seconds. */
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
  /** Whether its records are in the namespace's own file and not among the cluster's other namespaces. */
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
 * Place to read records from: a namespace, in every place where it has records; its own place only; or the place of a
 * cluster's other namespaces.
 */
export type NamespacePlace =
  | ({ readonly by: 'namespace' | 'own-place' } & Place)
  | { readonly by: 'other-namespaces'; readonly clusterKey: ClusterKey };

/**
 * The partitions of `by-namespace` in which records are (docs/decisions/0017). A small item of the claims table has them
 * for each namespace, and outlives the records that it was written for. Without one, no
 * record of the namespace is wide.
 */
export class NamespacePlaces {
  readonly #of: TableHandle;
  readonly #unproven: UnprovenNamespaces;
  readonly #seen = new RecentMap<string, FileSight>(MOST_REMEMBERED);

  constructor(of: TableHandle) {
    this.#of = of;
    this.#unproven = new UnprovenNamespaces(of);
  }

  /** Returns a function that gives the keys under which records of a place can be. */
  async of(places: readonly NamespacePlace[]): Promise<(place: NamespacePlace) => readonly string[]> {
    const { database, table, clock } = this.#of;
    const keys = places.flatMap((place) => [
      ...(place.by === 'other-namespaces' ? [] : [keyOf(namespaceFile(place))]),
      ...(place.by === 'own-place' ? [] : [keyOf(othersFile(place.clusterKey)), unprovenKey(place.clusterKey)]),
    ]);
    const once = [...new Map(keys.map((key) => [key.partition, key])).values()];
    const items = current(await database.getAll(table, once), clock());
    const byPartition = new Map(items.map((item) => [item.partition, item]));
    const now = secondsOf(clock());
    const keysIn = (file: string) => {
      const item = byPartition.get(keyOf(file).partition);
      const isWide = item !== undefined && read(shape, item).wide >= now;
      return (isWide ? ENDINGS : [FIRST_ENDING]).map((ending) => keyInFile(file, ending));
    };
    const othersOf = (clusterKey: ClusterKey) => {
      const item = byPartition.get(unprovenKey(clusterKey).partition);
      return item !== undefined && fullUntil(item) >= now ? keysIn(othersFile(clusterKey)) : [];
    };
    return (place) => {
      if (place.by === 'other-namespaces') return othersOf(place.clusterKey);
      if (place.by === 'own-place') return keysIn(namespaceFile(place));
      const item = byPartition.get(keyOf(namespaceFile(place)).partition);
      const isMixed = item === undefined || read(shape, item).mixed >= now;
      return [...keysIn(namespaceFile(place)), ...(isMixed ? othersOf(place.clusterKey) : [])];
    };
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
      ({ record }) => othersFile(placeOf(record).clusterKey),
    );
    await note([...others].map(([file, of]) => ({ file, records: of, place: undefined })));
    return (stored) => {
      const place = placeOf(stored.record);
      const file = isOwn(stored) ? namespaceFile(place) : othersFile(place.clusterKey);
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
    const isEnough = seen?.isOwn === true ? !isBusy || seen.wide >= expires : !isProven(filing);
    const known = seen?.day === day && isEnough ? seen : await this.#decide(filing, isBusy, expires);
    this.#seen.set(filing.file, { isOwn: known.isOwn, wide: known.wide, day, second, written });
    return known;
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
   * these.
   */
  async #decideNew(filing: Filing, expires: number) {
    const { place } = filing;
    const none = { wide: 0, mixed: 0 };
    if (place === undefined || place.namespace === NO_NAMESPACE) return none;
    const { isOwn } = await this.#unproven.admit(place.clusterKey, isProven(filing), expires);
    // This holds even if the cluster has no others: another process may be filing some of its records there now.
    return { ...none, mixed: isOwn ? expires + 2 * DECIDED_FOR : NO_PLACE };
  }
}

/** A value instead of a time: the namespace is among the others. */
const NO_PLACE = -1;

function isProven({ place, records }: Filing): boolean {
  return place !== undefined && records.some(({ record }) => provesNamespace(record));
}

function busiestSecond(records: readonly StoredRecord[]): number {
  const seconds = Map.groupBy(records, ({ at = 0 }) => Math.floor(at / SECOND));
  return Math.max(...[...seconds.values()].map((members) => members.length));
}

function keyOf(file: string): Key {
  return checkedKey({ partition: `spread of ${file}`, sort: 'namespace' });
}

/**
 * The maximum number of namespaces of a cluster that get their own place although nothing shows that they exist. It is more than the
 * typing errors of people, and few enough for a query over the whole cluster. At most twice as many exist at a time.
 */
export const MOST_UNPROVEN = 100;

/** How long a process may use its decision: a day. */
const DECIDED_FOR = DAY / SECOND;

const unprovenShape = fieldsOf({ count: number, since: number, full: number });

interface UnprovenCount {
  readonly count: number;
  /** The time at which the count began, in seconds. */
  readonly since: number;
  /** Until when records may be in the place of the other namespaces, in seconds; 0 if there never were any. */
  readonly full: number;
}

/**
 * The decision on a namespace: whether it has its own place, and until when some records may be among the cluster's
 * others, in seconds.
 */
interface Admission {
  readonly isOwn: boolean;
  readonly full: number;
}

/** The number of unproven namespaces of each cluster, in a small item of the claims table. */
class UnprovenNamespaces {
  readonly #of: TableHandle;
  /** The previous admission. The next one waits for it, because admissions of one batch would keep losing their optimistic writes. */
  #last: Promise<unknown> = Promise.resolve();
  /** Clusters that have reached the limit, with the time until which records may be among the others. */
  readonly #full = new Map<ClusterKey, number>();

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /** Returns whether one more namespace gets its own place. A namespace that is proven to exist always does. */
  async admit(clusterKey: ClusterKey, isProven: boolean, expires: number): Promise<Admission> {
    if (isProven) return { isOwn: true, full: (await this.#readCount(clusterKey)).full };
    const admission = this.#last.then(() => this.#next(clusterKey, expires));
    this.#last = admission.catch(() => undefined); // Its own caller gets the error.
    return admission;
  }

  async #next(clusterKey: ClusterKey, expires: number): Promise<Admission> {
    const full = this.#full.get(clusterKey) ?? 0;
    if (full >= expires + DECIDED_FOR) return { isOwn: false, full };
    const admission = await this.#admitUnproven(clusterKey, expires);
    if (admission.isOwn) this.#full.delete(clusterKey);
    else this.#full.set(clusterKey, admission.full);
    return admission;
  }

  /**
   * Counts the namespace if there is room. If not, the place of the others counts as used for a day longer, because a
   * process may use its decision until then.
   */
  #admitUnproven(clusterKey: ClusterKey, expires: number): Promise<Admission> {
    const { keep } = this.#of;
    return changeItem(this.#of, unprovenKey(clusterKey), 'Store the records later.', (item, now) => {
      const counted = countedOf(item, now, keep);
      const isOwn = counted.count < MOST_UNPROVEN;
      if (!isOwn && counted.full >= expires + DECIDED_FOR) return { result: { isOwn, full: counted.full } };
      const next = isOwn ? { ...counted, count: counted.count + 1 } : { ...counted, full: expires + 2 * DECIDED_FOR };
      const until = Math.max(expiry(now, keep * 2), next.full + DECIDED_FOR);
      return { item: { ...next, expires: until }, result: { isOwn, full: next.full } };
    });
  }

  async #readCount(clusterKey: ClusterKey): Promise<UnprovenCount> {
    const { database, table, clock, keep } = this.#of;
    return countedOf(await database.get(table, unprovenKey(clusterKey)), clock(), keep);
  }
}

/** Returns the count, or a new one if the old one began so long ago that the namespaces counted first have expired. */
function countedOf(item: Item | undefined, now: EpochMillis, keep: number): UnprovenCount {
  const began = Math.floor(secondsOf(now));
  if (item === undefined || isExpired(item, now)) return { count: 0, since: began, full: 0 };
  const { count, since, full } = read(unprovenShape, item);
  const isOld = epochMillis(since * SECOND + keep * 2) < now;
  return isOld ? { count: 0, since: began, full } : { count, since, full };
}

/** Returns until when records may be in the place of the other namespaces, in seconds. */
function fullUntil(item: Item): number {
  return read(unprovenShape, item).full;
}

function unprovenKey(clusterKey: ClusterKey): Key {
  return checkedKey({ partition: `unproven of ${fitted(clusterKey)}`, sort: 'namespaces' });
}
