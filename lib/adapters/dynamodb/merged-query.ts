import { mapConcurrently } from '../../concurrency.ts';
import type { Database } from './database.ts';
import type { Bounds } from './record-ranges.ts';
import { type Item, indexRequest, type KeyRange } from './requests.ts';
import type { IndexDefinition } from './tables.ts';

export interface Merging {
  readonly database: Database;
  readonly table: string;
  readonly index: IndexDefinition;
  readonly hashes: readonly string[];
  readonly bounds: Bounds;
  readonly order: KeyRange['order'];
  /** So many entries at most, of those that are wanted. */
  readonly limit: number;
  readonly wanted: (entry: Item) => boolean;
}

/** One partition, as far as it was read. */
interface Strand {
  readonly hash: string;
  readonly last: Item | undefined;
  readonly isRead: boolean;
}

const LEAST_AT_ONCE = 2;
const MOST_AT_ONCE = 1_000;

/**
 * The first entries of several partitions of an index, in their common order. Each is read in steps that grow, as far as
 * it can hold an entry that comes before those found.
 */
export async function mergedQuery(merging: Merging): Promise<readonly Item[]> {
  const { hashes, limit, wanted, order } = merging;
  const isBefore = (a: string, b: string) => (order === 'ascending' ? a < b : a > b);
  let strands: readonly Strand[] = hashes.map((hash) => ({ hash, last: undefined, isRead: false }));
  let found: readonly Item[] = [];
  let step = hashes.length === 1 ? limit + 1 : Math.max(LEAST_AT_ONCE, Math.ceil((limit * 2) / hashes.length));
  for (;;) {
    const end = found[limit - 1];
    const isOpen = ({ isRead, last }: Strand) =>
      !isRead && (end === undefined || last === undefined || isBefore(placeOf(last), placeOf(end)));
    const open = strands.filter(isOpen);
    if (open.length === 0) return found.slice(0, limit);
    const answers = await mapConcurrently(open, (strand) => readOn(strand, step, merging));
    found = [...found, ...answers.flatMap(({ entries }) => entries.filter(wanted))].sort((a, b) =>
      isBefore(placeOf(a), placeOf(b)) ? -1 : 1,
    );
    strands = [...strands.filter((strand) => !open.includes(strand)), ...answers.map(({ strand }) => strand)];
    step = Math.min(step * 2, MOST_AT_ONCE);
  }
}

async function readOn({ hash, last }: Strand, limit: number, { database, table, index, bounds, order }: Merging) {
  const after = last && {
    partition: last.partition,
    id: last.id,
    [index.hash]: hash,
    [index.range]: last[index.range],
  };
  const entries = await database.query(indexRequest(table, index, { ...bounds, hash, order, limit, after }));
  return { entries, strand: { hash, last: entries.at(-1) ?? last, isRead: entries.length < limit } };
}

function placeOf({ sort }: Item): string {
  return String(sort);
}
