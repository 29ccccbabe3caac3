import type { Budget } from '../../ports/budget.ts';
import type { Claims, ClaimWaits } from '../../ports/claims.ts';
import type { Directory } from '../../ports/directory.ts';
import type { ReadRecord, RecordStore } from '../../ports/records.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import type { Cursor } from './cursor.ts';
import type { RecordsQuestion } from './question.ts';

/** What `/records` is asked, and which page of it. */
export interface RecordsRequest {
  readonly question: RecordsQuestion;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** The page may end after a few requests. */
  readonly isQuick?: boolean | undefined;
}

/** The stores that questions are answered from. */
export interface QueryService {
  readonly sessions: SessionStore;
  readonly records: RecordStore;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly directory: Directory;
  /** What the question may still cost; as much as it takes where there is none. */
  readonly budget?: Budget | undefined;
}

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
export async function fillPage(
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
