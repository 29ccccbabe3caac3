import { mapConcurrently } from '../../concurrency.ts';
import type { Database } from './database.ts';
import type { Bounds, IndexPartition } from './record-ranges.ts';
import { type Item, indexRequest, type KeyRange } from './requests.ts';

export interface Merging {
  readonly database: Database;
  readonly table: string;
  readonly partitions: readonly IndexPartition[];
  readonly bounds: Bounds;
  readonly order: KeyRange['order'];
  /** So many entries at most, of those that are wanted. */
  readonly limit: number;
  readonly wanted: (entry: Item) => boolean;
}

/** One partition, as far as it was read. */
interface Strand {
  readonly partition: IndexPartition;
  readonly last: Item | undefined;
  readonly isRead: boolean;
}

const LEAST_AT_ONCE = 2;
const MOST_AT_ONCE = 1_000;
/** How many times as many entries as are asked for are read at first: a request costs more than some entries of keys. */
const AHEAD = 4;

/**
 * The first entries of several partitions of indexes, in their common order, each record's once. Each is read in steps that
 * grow, as far as it can hold an entry that comes before those found.
 */
export async function mergedQuery(merging: Merging): Promise<readonly Item[]> {
  const { partitions, limit, wanted, order } = merging;
  const isBefore = (a: string, b: string) => (order === 'ascending' ? a < b : a > b);
  let strands: readonly Strand[] = partitions.map((partition) => ({ partition, last: undefined, isRead: false }));
  let found: readonly Item[] = [];
  const { length } = partitions;
  let step = Math.min(limit + 1, Math.max(LEAST_AT_ONCE, Math.ceil((limit * AHEAD) / length)));
  for (;;) {
    const end = found[limit - 1];
    const isOpen = ({ isRead, last }: Strand) =>
      !isRead && (end === undefined || last === undefined || isBefore(placeOf(last), placeOf(end)));
    const open = strands.filter(isOpen);
    if (open.length === 0) return found.slice(0, limit);
    const answers = await mapConcurrently(open, (strand) => readOn(strand, step, merging));
    const more = answers.flatMap(({ entries }) => entries.filter(wanted));
    found = eachOnce([...found, ...more]).sort((a, b) => (isBefore(placeOf(a), placeOf(b)) ? -1 : 1));
    strands = [...strands.filter((strand) => !open.includes(strand)), ...answers.map(({ strand }) => strand)];
    step = Math.min(step * 2, MOST_AT_ONCE);
  }
}

async function readOn({ partition, last }: Strand, limit: number, { database, table, bounds, order }: Merging) {
  const { index, hash } = partition;
  const after = last && {
    partition: last.partition,
    id: last.id,
    [index.hash]: hash,
    [index.range]: last[index.range],
  };
  const entries = await database.query(indexRequest(table, index, { ...bounds, hash, order, limit, after }));
  return { entries, strand: { partition, last: entries.at(-1) ?? last, isRead: entries.length < limit } };
}

/** A record lies in a partition of each index. */
function eachOnce(entries: readonly Item[]): Item[] {
  return [...new Map(entries.map((entry) => [entry.id, entry])).values()];
}

function placeOf({ sort }: Item): string {
  return String(sort);
}
