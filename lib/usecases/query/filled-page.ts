import type { Budget } from '../../ports/budget.ts';
import type { ReadRecord } from '../../ports/records.ts';
import type { Cursor } from './cursor.ts';

/** Some records in their order, and where the rest of the answer begins; absent where there is none. */
export interface Part {
  readonly records: readonly ReadRecord[];
  readonly next: Cursor | undefined;
  /** Records that were read for it. */
  readonly examined: number;
  /** As `RecordPage` has it. */
  readonly inOrder?: false;
}

/** Records that are looked through for one page: some megabytes. */
const MOST_EXAMINED = 5_000;
/** Parts read one after the other for one page: each may find nothing that fits. */
const MOST_PARTS = 32;

/**
 * A page put together from parts until it is full, nothing is left, or as many records as a page may cost were looked through,
 * or as many requests made. `read` answers with at most `room` records, from where it ended before.
 */
export async function filled(
  from: Cursor,
  limit: number,
  read: (from: Cursor, room: number) => Promise<Part>,
  budget?: Budget,
): Promise<Part> {
  const records: ReadRecord[] = [];
  let next: Cursor | undefined = from;
  let examined = 0;
  let order: Pick<Part, 'inOrder'> = {};
  for (let parts = 0; parts < MOST_PARTS && next !== undefined && records.length < limit; parts += 1) {
    if (examined >= MOST_EXAMINED || (parts > 0 && budget?.isUsedUp === true)) break;
    const part: Part = await read(next, limit - records.length);
    records.push(...part.records);
    examined += part.examined;
    next = part.next;
    if (part.inOrder === false) order = { inOrder: false };
  }
  return { records, next, examined, ...order };
}
