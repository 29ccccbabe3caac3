import { mapConcurrently } from '../../concurrency.ts';
import type { RecordPage, RecordReading } from '../../ports/records.ts';
import type { Database } from './database.ts';
import type { Bounds, IndexPartition } from './record-ranges.ts';
import { type Item, indexRequest, type KeyRange } from './requests.ts';

interface IndexQuery extends Omit<MergeOptions, 'partitions' | 'bounds'> {
  readonly partitions: () => Promise<readonly IndexPartition[]>;
  /** The ranges to read, one after another. */
  readonly ranges: readonly Bounds[];
  /** Reads the records of these entries. */
  readonly recordsOf: (entries: readonly Item[]) => Promise<Pick<RecordPage, 'records' | 'positions'>>;
}

const NOTHING: Entries = { entries: [] };

/** Reads records in ranges of index partitions, page by page. */
export class IndexReading implements RecordReading {
  readonly #query: IndexQuery;
  #partitions: Promise<readonly IndexPartition[]> | undefined;
  #left: readonly MergedReading[] | undefined;

  constructor(query: IndexQuery) {
    this.#query = query;
  }

  async partitions(): Promise<number> {
    return (await this.#loadPartitions()).length;
  }

  async next(limit: number): Promise<RecordPage> {
    this.#left ??= await this.#start();
    const entries: Item[] = [];
    let place: string | undefined;
    for (const reading of this.#left) {
      const isFull = entries.length === limit;
      const found = isFull ? NOTHING : await reading.next(limit - entries.length);
      entries.push(...found.entries);
      place = isFull && (await reading.hasNext()) ? String(entries.at(-1)?.sort) : found.place;
      if (place !== undefined) break;
      this.#left = this.#left.slice(1);
    }
    return { ...(await this.#query.recordsOf(entries)), ...(place !== undefined && { position: place }) };
  }

  async #start(): Promise<readonly MergedReading[]> {
    const { ranges, ...merging } = this.#query;
    const partitions = await this.#loadPartitions();
    return ranges.map((bounds) => new MergedReading({ ...merging, partitions, bounds }));
  }

  #loadPartitions(): Promise<readonly IndexPartition[]> {
    this.#partitions ??= this.#query.ranges.length === 0 ? Promise.resolve([]) : this.#query.partitions();
    return this.#partitions;
  }
}

interface MergeOptions {
  readonly database: Database;
  readonly table: string;
  readonly partitions: readonly IndexPartition[];
  readonly bounds: Bounds;
  readonly order: KeyRange['order'];
  readonly wanted: (entry: Item) => boolean;
}

/** Entries in order, and the place where the rest begins. The place is absent if there is no rest. */
interface Entries {
  readonly entries: readonly Item[];
  readonly place?: string;
}

/** A partition, as far as it was read. */
interface Strand {
  readonly partition: IndexPartition;
  /** The matching entries that were not returned yet. */
  readonly ahead: readonly Item[];
  readonly last: Item | undefined;
  readonly isRead: boolean;
  /** The number of entries to read next. */
  readonly step: number;
}

const LEAST_AT_ONCE = 2;
const MOST_AT_ONCE = 1_000;
/**
 * How many times more entries are read first than are wanted. Additional entries have only keys, and cost less than
 * another request.
 */
const AHEAD = 4;

/**
 * Merges the entries of several index partitions in their common order, each record once. It reads a partition in
 * growing steps, while the partition can have an entry that comes before those found. Entries that were read ahead
 * are kept for later calls.
 */
class MergedReading {
  readonly #of: MergeOptions;
  #strands: readonly Strand[] | undefined;

  constructor(of: MergeOptions) {
    this.#of = of;
  }

  async next(limit: number): Promise<Entries> {
    const { strands, isCut } = await this.#readFor(limit + 1);
    return this.#takeCertain(strands, limit, isCut);
  }

  /** Returns whether there can be another entry. */
  async hasNext(): Promise<boolean> {
    const { strands, isCut } = await this.#readFor(1);
    this.#strands = strands;
    return isCut || strands.some(({ ahead }) => ahead.length > 0);
  }

  /**
   * Reads until the first `count` entries are certain. The first reading of each partition is always made. Further ones
   * are made if the budget allows.
   */
  async #readFor(count: number): Promise<{ readonly strands: readonly Strand[]; readonly isCut: boolean }> {
    const { budget } = this.#of.database;
    let strands = this.#strands ?? this.#start(count);
    for (;;) {
      const end = this.#merge(strands)[count - 1];
      const open = strands.filter((strand) => this.#isOpen(strand, end));
      if (open.length === 0) return { strands, isCut: false };
      const isBegun = strands.some(({ last, isRead }) => last !== undefined || isRead);
      if (isBegun && budget?.allows(open.length) === false) return { strands, isCut: true };
      const read = await mapConcurrently(open, (strand) => this.#readOn(strand));
      strands = [...strands.filter((strand) => !open.includes(strand)), ...read];
    }
  }

  /** Returns up to `limit` of the merged entries whose order is certain. Keeps the others for later. */
  #takeCertain(strands: readonly Strand[], limit: number, isCut: boolean): Entries {
    const horizon = isCut ? this.#horizon(strands) : undefined;
    const certain = this.#merge(strands).filter(
      (entry) => horizon === undefined || !this.#isBefore(horizon, placeOf(entry)),
    );
    const entries = certain.slice(0, limit);
    const last = entries.at(-1);
    const end = certain.length > limit && last !== undefined ? placeOf(last) : horizon;
    const isLeft = (entry: Item) => last !== undefined && this.#isBefore(placeOf(last), placeOf(entry));
    this.#strands = strands.map((strand) => ({
      ...strand,
      ahead: last === undefined ? strand.ahead : strand.ahead.filter(isLeft),
    }));
    return { entries, ...(end !== undefined && { place: end }) };
  }

  /** Returns the place up to which all entries are known. Undefined if all partitions were read to their end. */
  #horizon(strands: readonly Strand[]): string | undefined {
    const ends = strands.flatMap(({ isRead, last }) => (isRead || last === undefined ? [] : placeOf(last)));
    return ends.reduce<string | undefined>((a, b) => (a === undefined || this.#isBefore(b, a) ? b : a), undefined);
  }

  #start(limit: number): readonly Strand[] {
    const { partitions } = this.#of;
    const step = Math.min(limit, Math.max(LEAST_AT_ONCE, Math.ceil((limit * AHEAD) / partitions.length)));
    return partitions.map((partition) => ({ partition, ahead: [], last: undefined, isRead: false, step }));
  }

  /** Returns whether the partition can have an entry before `end`, or any further entry if there is no `end` yet. */
  #isOpen({ isRead, last }: Strand, end: Item | undefined): boolean {
    return !isRead && (end === undefined || last === undefined || this.#isBefore(placeOf(last), placeOf(end)));
  }

  /**
   * Returns the entries in order, each record once. A record has one entry in each index, at the same place in all of
   * them.
   */
  #merge(strands: readonly Strand[]): readonly Item[] {
    const once = new Map(strands.flatMap(({ ahead }) => ahead.map((entry) => [entry.id, entry] as const)));
    return [...once.values()].sort((a, b) => (this.#isBefore(placeOf(a), placeOf(b)) ? -1 : 1));
  }

  async #readOn({ partition, ahead, last, step }: Strand): Promise<Strand> {
    const { database, table, bounds, order, wanted } = this.#of;
    const { index, hash } = partition;
    const after = last && {
      partition: last.partition,
      id: last.id,
      [index.hash]: hash,
      [index.range]: last[index.range],
    };
    const limit = Math.min(step, MOST_AT_ONCE);
    const entries = await database.query(indexRequest(table, index, { ...bounds, hash, order, limit, after }));
    return {
      partition,
      ahead: [...ahead, ...entries.filter(wanted)],
      last: entries.at(-1) ?? last,
      isRead: entries.length < limit,
      step: step * 2,
    };
  }

  #isBefore(a: string, b: string): boolean {
    return this.#of.order === 'ascending' ? a < b : a > b;
  }
}

function placeOf({ sort }: Item): string {
  return String(sort);
}
