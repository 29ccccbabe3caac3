import { NO_NAMESPACE, type Place, placeOf } from '../../attribution/place.ts';
import { provesNamespace } from '../../claims/proven-namespace.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { StoredRecord } from '../../ports/records.ts';
import { RecentMap } from '../../recent-map.ts';
import { DAY, type EpochMillis, epochMillis, SECOND } from '../../time.ts';
import { current, expiry, isOver, isYoung, secondsOf } from '../expiry.ts';
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
import { type Item, indexRequest } from './requests.ts';
import { fieldsOf, number, optional, read } from './shape.ts';
import { TABLES } from './tables.ts';

/** Records of one second of events in a batch: several writers have their share of each second. */
const BUSY_EVENTS = 250;
/** Records that this process alone writes in a second of its clock: half of what a partition takes. */
export const BUSY_WRITES = 500;
/** In seconds: for so long a namespace is wide after it was busy. */
const WIDE_FOR = DAY / SECOND;
/** How many namespaces a process remembers at least. */
const MOST_REMEMBERED = 10_000;

const BY_NAMESPACE = TABLES.records.indexes[2];

/** Records that are about to be stored under one key of the index, but for its ending. */
interface Filing {
  readonly file: string;
  readonly records: readonly StoredRecord[];
  /** What they have in common; undefined of those that are filed among others. */
  readonly place: Place | undefined;
}

/** What is known of a file; times in seconds. */
interface FileState {
  /** Whether its records lie there, and not among the others of the cluster. */
  readonly isOwn: boolean;
  /** Until when they may lie in all endings. */
  readonly wide: number;
}

/** What a process knows of it. */
interface FileSight extends FileState {
  readonly day: number;
  /** What it wrote in one second. */
  readonly second: number;
  readonly written: number;
}

const shape = fieldsOf({ wide: number, mixed: optional(number) });
const NOT_OWN: FileState = { isOwn: false, wide: 0 };

/** Whose records are asked for: of one namespace, wherever they lie or in its own place alone, or what lies among a cluster's others. */
export type NamespacePlace =
  | ({ readonly by: 'namespace' | 'own-place' } & Place)
  | { readonly by: 'other-namespaces'; readonly cluster: string };

/**
 * In which partitions of `by-namespace` records lie (docs/decisions/0017): a small item of the claims table for each namespace,
 * which outlives the records that it was written for. Without one, an earlier version may have used all endings.
 */
export class NamespacePlaces {
  readonly #of: TableHandle;
  readonly #recordsTable: string;
  readonly #unproven: UnprovenNamespaces;
  readonly #seen = new RecentMap<string, FileSight>(MOST_REMEMBERED);

  constructor(of: TableHandle, recordsTable: string) {
    this.#of = of;
    this.#recordsTable = recordsTable;
    this.#unproven = new UnprovenNamespaces(of);
  }

  /** The keys under which records of each of these places can lie. */
  async of(places: readonly NamespacePlace[]): Promise<(place: NamespacePlace) => readonly string[]> {
    const { database, table, clock } = this.#of;
    const keys = places.flatMap((place) => [
      ...(place.by === 'other-namespaces' ? [] : [keyOf(namespaceFile(place))]),
      ...(place.by === 'own-place' ? [] : [keyOf(othersFile(place.cluster)), unprovenKey(place.cluster)]),
    ]);
    const once = [...new Map(keys.map((key) => [key.partition, key])).values()];
    const items = current(await database.getAll(table, once), clock());
    const byPartition = new Map(items.map((item) => [item.partition, item]));
    const now = secondsOf(clock());
    const keysIn = (file: string) => {
      const item = byPartition.get(keyOf(file).partition);
      const isWide = item === undefined || read(shape, item).wide >= now;
      return (isWide ? ENDINGS : [FIRST_ENDING]).map((ending) => keyInFile(file, ending));
    };
    const othersOf = (cluster: string) => {
      const item = byPartition.get(unprovenKey(cluster).partition);
      return item !== undefined && fullUntil(item) >= now ? keysIn(othersFile(cluster)) : [];
    };
    return (place) => {
      if (place.by === 'other-namespaces') return othersOf(place.cluster);
      if (place.by === 'own-place') return keysIn(namespaceFile(place));
      const item = byPartition.get(keyOf(namespaceFile(place)).partition);
      const isMixed = item === undefined || (read(shape, item).mixed ?? 0) >= now;
      return [...keysIn(namespaceFile(place)), ...(isMixed ? othersOf(place.cluster) : [])];
    };
  }

  /** How each of these records, which are about to be stored until `expires`, is to lie in its namespace. */
  async forRecords(records: readonly StoredRecord[], expires: number): Promise<(stored: StoredRecord) => Ending> {
    const known = new Map<string, FileState>();
    const note = (filings: readonly Filing[]) =>
      mapConcurrently(filings, async (filing) => known.set(filing.file, await this.#for(filing, expires)));
    const byFile = Map.groupBy(records, ({ record }) => namespaceFile(placeOf(record)));
    await note([...byFile].map(([file, of]) => ({ file, records: of, place: of[0] && placeOf(of[0].record) })));
    const isOwn = ({ record }: StoredRecord) => known.get(namespaceFile(placeOf(record)))?.isOwn === true;
    const others = Map.groupBy(
      records.filter((stored) => !isOwn(stored)),
      ({ record }) => othersFile(placeOf(record).cluster),
    );
    await note([...others].map(([file, of]) => ({ file, records: of, place: undefined })));
    return (stored) => {
      const place = placeOf(stored.record);
      const file = isOwn(stored) ? namespaceFile(place) : othersFile(place.cluster);
      const isWide = (known.get(file)?.wide ?? 0) >= expires;
      return endingOf(isOwn(stored), isWide ? wideEnding(stored.id) : FIRST_ENDING);
    };
  }

  async #for(filing: Filing, expires: number): Promise<FileState> {
    const now = this.#of.clock();
    const [day, second] = [Math.floor(now / DAY), Math.floor(now / SECOND)];
    const seen = this.#seen.get(filing.file);
    const written = filing.records.length + (seen?.second === second ? seen.written : 0);
    const isBusy = written >= BUSY_WRITES || busiestSecond(filing.records) >= BUSY_EVENTS;
    const isEnough = seen?.isOwn === true ? !isBusy || seen.wide >= expires : !isProven(filing);
    const known = seen?.day === day && isEnough ? seen : await this.#noted(filing, isBusy, expires);
    this.#seen.set(filing.file, { isOwn: known.isOwn, wide: known.wide, day, second, written });
    return known;
  }

  /** Where the records are to lie, once that is written where it can be read. */
  #noted(filing: Filing, isBusy: boolean, expires: number): Promise<FileState> {
    const { keep } = this.#of;
    return changeItem(this.#of, keyOf(filing.file), 'Store its records later.', async (kept, now) => {
      const { wide: before, mixed } = kept === undefined ? await this.#new(filing, expires) : read(shape, kept);
      if (mixed === NO_PLACE) return { result: NOT_OWN };
      const wide = isBusy ? Math.max(before, expires + WIDE_FOR) : await this.#found(filing.file, before, expires);
      const result = { isOwn: true, wide };
      if (kept !== undefined && wide === before && isYoung(kept, now, keep)) return { result };
      return { item: { wide, mixed, expires: expiry(now, keep * 2) }, result };
    });
  }

  /** What is not known to exist gets a place of its own as long as the cluster has few of these. */
  async #new(filing: Filing, expires: number) {
    const { place } = filing;
    const none = { wide: 0, mixed: undefined };
    if (place === undefined || place.namespace === NO_NAMESPACE) return none;
    const { isOwn } = await this.#unproven.admit(place.cluster, isProven(filing), expires);
    // Be there others of the cluster or not: another process may be deciding at this moment that some of it lie there.
    return { ...none, mixed: isOwn ? expires + 2 * DECIDED_FOR : NO_PLACE };
  }

  /** A narrow one is wide for as long as what was stored until now, where anything lies in its further endings. */
  async #found(file: string, before: number, expires: number): Promise<number> {
    if (before >= secondsOf(this.#of.clock())) return before;
    const further = ENDINGS.filter((ending) => ending !== FIRST_ENDING);
    const latest = await mapConcurrently(further, (ending) => this.#latest(keyInFile(file, ending)));
    return latest.some((item) => item !== undefined && !isOver(item, this.#of.clock())) ? expires : before;
  }

  /** What DynamoDB has not deleted yet may be over. */
  async #latest(hash: string): Promise<Item | undefined> {
    const { database } = this.#of;
    const keyRange = { hash, order: 'descending', limit: 1 } as const;
    const [entry] = await database.query(indexRequest(this.#recordsTable, BY_NAMESPACE, keyRange));
    return entry && database.get(this.#recordsTable, { partition: entry.partition, id: entry.id });
  }
}

/** In place of a time: it lies among the others. */
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
 * Namespaces of a cluster that get places of their own though nothing has shown that they exist: more than anybody's typing
 * errors, and few enough for a question of the whole cluster. Twice as many at most are there at once.
 */
export const MOST_UNPROVEN = 100;

/** A process may go on for a day by what it decided. */
const DECIDED_FOR = DAY / SECOND;

const unprovenShape = fieldsOf({ count: number, since: number, full: number });

interface UnprovenCount {
  readonly count: number;
  /** When the count began, in seconds. */
  readonly since: number;
  /** Until when records may lie in the place of the others, in seconds; 0 where there never were any. */
  readonly full: number;
}

/** Where a namespace's records are to lie, and until when some may lie among the others of the cluster, in seconds. */
interface Admission {
  readonly isOwn: boolean;
  readonly full: number;
}

/** How many such namespaces a cluster has: a small item of the claims table. */
class UnprovenNamespaces {
  readonly #of: TableHandle;
  /** One behind the other: those of a batch would overtake each other without end. */
  #last: Promise<unknown> = Promise.resolve();
  /** Of the clusters that have as many as they may: until when that was said. */
  readonly #full = new Map<string, number>();

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /** Whether one more gets a place of its own, which it does where it is proven to exist. */
  async admit(cluster: string, isProven: boolean, expires: number): Promise<Admission> {
    if (isProven) return { isOwn: true, full: (await this.#counted(cluster)).full };
    const admission = this.#last.then(() => this.#next(cluster, expires));
    this.#last = admission.catch(() => undefined); // told to whoever asked for that one
    return admission;
  }

  async #next(cluster: string, expires: number): Promise<Admission> {
    const full = this.#full.get(cluster) ?? 0;
    if (full >= expires + DECIDED_FOR) return { isOwn: false, full };
    const admission = await this.#counting(cluster, expires);
    if (admission.isOwn) this.#full.delete(cluster);
    else this.#full.set(cluster, admission.full);
    return admission;
  }

  /** What is among the others is to be found for a day from now on, by whatever a process decided until then. */
  #counting(cluster: string, expires: number): Promise<Admission> {
    const { keep } = this.#of;
    return changeItem(this.#of, unprovenKey(cluster), 'Store the records later.', (item, now) => {
      const counted = countedOf(item, now, keep);
      const isOwn = counted.count < MOST_UNPROVEN;
      if (!isOwn && counted.full >= expires + DECIDED_FOR) return { result: { isOwn, full: counted.full } };
      const next = isOwn ? { ...counted, count: counted.count + 1 } : { ...counted, full: expires + 2 * DECIDED_FOR };
      const until = Math.max(expiry(now, keep * 2), next.full + DECIDED_FOR);
      return { item: { ...next, expires: until }, result: { isOwn, full: next.full } };
    });
  }

  async #counted(cluster: string): Promise<UnprovenCount> {
    const { database, table, clock, keep } = this.#of;
    return countedOf(await database.get(table, unprovenKey(cluster)), clock(), keep);
  }
}

/** Those that were counted first have gone by then. */
function countedOf(item: Item | undefined, now: EpochMillis, keep: number): UnprovenCount {
  const began = Math.floor(secondsOf(now));
  if (item === undefined || isOver(item, now)) return { count: 0, since: began, full: 0 };
  const { count, since, full } = read(unprovenShape, item);
  const isOld = epochMillis(since * SECOND + keep * 2) < now;
  return isOld ? { count: 0, since: began, full } : { count, since, full };
}

/** Until when records may lie in the place of the others, in seconds. */
function fullUntil(item: Item): number {
  return read(unprovenShape, item).full;
}

function unprovenKey(cluster: string): Key {
  return checkedKey({ partition: `unproven of ${fitted(cluster)}`, sort: 'namespaces' });
}
