import type { SamePerson } from '../../attribution/same-person.ts';
import type { AccessKeyId } from '../../identity/access-key.ts';
import type { Budget } from '../../ports/budget.ts';
import type { Claims, ClaimWaits } from '../../ports/claims.ts';
import type { Directory } from '../../ports/directory.ts';
import type { ReadRecord, RecordStore } from '../../ports/records.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import type { EpochMillis } from '../../time.ts';
import type { Cursor } from './cursor.ts';
import type { RecordsQuestion } from './question.ts';

/** A request to `/records`: a question, and which page of its answer to return. */
export interface RecordsRequest {
  readonly question: RecordsQuestion;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Whether the page may end after a few requests to the store. */
  readonly isQuick?: boolean | undefined;
}

/** The part of the store of claims that questions read. */
export type ReadClaims = Pick<Claims, 'get' | 'registered' | 'list'>;

/** The parts of the stores of records and claims that questions read. */
export interface ReadTables {
  readonly records: Pick<RecordStore, 'query' | 'read' | 'ofClaim' | 'sessionsOf'>;
  readonly claims: ReadClaims;
}

/** The stores that answer questions, and the limits of the question. */
export interface QueryService extends ReadTables {
  readonly sessions: SessionStore;
  readonly waits: ClaimWaits;
  readonly directory: Directory;
  /** Returns the sessions that grants and uses state for an access key. If absent, `sessions` is asked. */
  readonly sessionsOfKey?: ((accessKeyId: AccessKeyId) => Promise<readonly string[]>) | undefined;
  /** The IDs that the operator joined, grouped by person. Absent if there are none. */
  readonly samePerson?: SamePerson | undefined;
  /** Where a time range without an end ends (`endOfOpenRange`). If absent, it has no end. */
  readonly end?: EpochMillis | undefined;
  /** The number of requests to the store that the question may still make. Absent if they are not limited. */
  readonly budget?: Budget | undefined;
}

/** A part of an answer: some records in order, and where the rest begins. After the last part, `next` is undefined. */
export interface Part {
  readonly records: readonly ReadRecord[];
  readonly next: Cursor | undefined;
  /** The number of records that were read for this part. */
  readonly examined: number;
  /** False if the records are not sorted by time, as in `RecordPage`. */
  readonly inOrder?: false;
}

/** The maximum number of records that are read for one page. They have some megabytes. */
const MOST_EXAMINED = 5_000;
/** The maximum number of parts that are read, one after another, for one page. A part may have no matching record. */
const MOST_PARTS = 32;

/**
 * Puts a page together from parts. The page ends when it is full, when nothing is left, or when the limits on records
 * or requests are reached. `read` returns at most `room` records, from where the part before ended.
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
