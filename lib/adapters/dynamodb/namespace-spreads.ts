import { type Place, placeOf } from '../../attribution/place.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { StoredRecord } from '../../ports/records.ts';
import { DAY, type EpochMillis, SECOND } from '../../time.ts';
import { current, expiry, isOver, secondsOf } from '../expiry.ts';
import { untilUnchanged } from './contention.ts';
import { checkedKey, type Key } from './keys.ts';
import { ENDINGS, FIRST_ENDING, namespaceFile, namespaceKey, wideEnding } from './record-item.ts';
import { type Item, indexRequest, replaceRequest } from './requests.ts';
import { fieldsOf, number, read } from './shape.ts';
import type { TableHandle } from './table-handle.ts';
import { TABLES } from './tables.ts';

/** Records of one second of events in a batch: several writers have their share of each second. */
const BUSY_EVENTS = 250;
/** Records that this process alone writes in a second of its clock: half of what a partition takes. */
const BUSY_WRITES = 500;
/** In milliseconds: for so long a namespace is wide after it was busy. */
const WIDE_FOR = DAY;
/** How many namespaces a process remembers. */
const MOST_REMEMBERED = 20_000;

const BY_NAMESPACE = TABLES.records.indexes[2];

/** What a process knows of a namespace. */
interface Seen {
  readonly day: number;
  /** Until when records may lie in all endings, in seconds. */
  readonly wide: number;
  /** What it wrote in one second. */
  readonly second: number;
  readonly written: number;
}

const spreadShape = fieldsOf({ wide: number, revision: number });

/**
 * In which partitions of `by-namespace` a namespace's records lie (docs/decisions/0017): a small item of the claims table, which
 * outlives the records that it was written for. Without one, an earlier version may have used all of them.
 */
export class NamespaceSpreads {
  readonly #of: TableHandle;
  readonly #recordsTable: string;
  readonly #seen = new Map<string, Seen>();

  constructor(of: TableHandle, recordsTable: string) {
    this.#of = of;
    this.#recordsTable = recordsTable;
  }

  /** The endings in which records of each of these places can lie. */
  async of(places: readonly Place[]): Promise<(place: Place) => readonly string[]> {
    const { database, table, clock } = this.#of;
    const keys = new Map(places.map((place) => [namespaceFile(place), keyOf(place)]));
    const items = current(await database.getAll(table, [...keys.values()]), clock());
    const narrow = new Set(
      items.filter((item) => read(spreadShape, item).wide < secondsOf(clock())).map(({ partition }) => partition),
    );
    return (place) => (narrow.has(keyOf(place).partition) ? [FIRST_ENDING] : ENDINGS);
  }

  /** In which ending each of these records, which are about to be stored until `expires`, is to lie. */
  async forRecords(records: readonly StoredRecord[], expires: number): Promise<(stored: StoredRecord) => string> {
    const groups = [...Map.groupBy(records, ({ record }) => namespaceFile(placeOf(record)))];
    const wide = await mapConcurrently(groups, async ([file, members]) => {
      const [first] = members;
      const until = first === undefined ? 0 : await this.#for(file, placeOf(first.record), members, expires);
      return [file, until >= expires] as const;
    });
    const isWide = new Map(wide);
    return (stored) =>
      isWide.get(namespaceFile(placeOf(stored.record))) === true ? wideEnding(stored.id) : FIRST_ENDING;
  }

  async #for(file: string, place: Place, records: readonly StoredRecord[], expires: number): Promise<number> {
    const now = this.#of.clock();
    const [day, second] = [Math.floor(now / DAY), Math.floor(now / SECOND)];
    const seen = this.#seen.get(file);
    const written = records.length + (seen?.second === second ? seen.written : 0);
    const isBusy = written >= BUSY_WRITES || busiestSecond(records) >= BUSY_EVENTS;
    const isKnown = seen?.day === day && (!isBusy || seen.wide >= expires);
    const wide = isKnown ? seen.wide : await this.#noted(place, isBusy, expires);
    if (this.#seen.size > MOST_REMEMBERED) this.#seen.clear();
    this.#seen.set(file, { day, wide, second, written });
    return wide;
  }

  /** Until when the namespace is wide, once that is written where it can be read. */
  #noted(place: Place, isBusy: boolean, expires: number): Promise<number> {
    const { database, table, clock, keep } = this.#of;
    const key = keyOf(place);
    const now = clock();
    return untilUnchanged(key.partition, 'Store its records later.', async () => {
      const item = await database.get(table, key);
      const kept = item === undefined || isOver(item, now) ? undefined : item;
      const { wide: before, revision } = kept === undefined ? NEVER : read(spreadShape, kept);
      const wide = isBusy ? Math.max(before, expires + WIDE_FOR / SECOND) : await this.#found(place, before, expires);
      if (kept !== undefined && wide === before && isYoung(kept, now, keep)) return { done: true, result: wide };
      const next = { ...key, wide, expires: expiry(now, keep * 2) };
      return { done: await database.put(replaceRequest(table, next, revision, now)), result: wide };
    });
  }

  /** A narrow one is wide for as long as what was stored until now, where anything lies in its further endings. */
  async #found(place: Place, before: number, expires: number): Promise<number> {
    if (before >= secondsOf(this.#of.clock())) return before;
    const further = ENDINGS.filter((ending) => ending !== FIRST_ENDING);
    const latest = await mapConcurrently(further, (ending) => this.#latest(namespaceKey(place, ending)));
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

const NEVER = { wide: 0, revision: undefined };

/** Written anew in the second half of its time: it is to outlive every record that is stored until then. */
function isYoung(item: Item, now: EpochMillis, keep: number): boolean {
  return typeof item.expires === 'number' && item.expires > expiry(now, keep);
}

function busiestSecond(records: readonly StoredRecord[]): number {
  const seconds = Map.groupBy(records, ({ at = 0 }) => Math.floor(at / SECOND));
  return Math.max(...[...seconds.values()].map((members) => members.length));
}

function keyOf(place: Place): Key {
  return checkedKey({ partition: `spread of ${namespaceFile(place)}`, sort: 'namespace' });
}
