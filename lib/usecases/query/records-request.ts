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

/** A request to `/records`: the question, and which page of its answer. */
export interface RecordsRequest {
  readonly question: RecordsQuestion;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Whether the page may end after a few requests to the store. */
  readonly isQuick?: boolean | undefined;
}

/** The claims, for reading. */
export type ReadClaims = Pick<Claims, 'get' | 'registered' | 'list'>;

/** The records and claims, for reading. */
export interface ReadTables {
  readonly records: Pick<RecordStore, 'query' | 'read' | 'ofClaim' | 'sessionsOf'>;
  readonly claims: ReadClaims;
}

/** The stores that answer questions. */
export interface QueryService extends ReadTables {
  readonly sessions: SessionStore;
  readonly waits: ClaimWaits;
  readonly directory: Directory;
  /** Returns the sessions that the grants and uses of a key name. Absent: `sessions` is asked. */
  readonly sessionsOfKey?: ((accessKeyId: AccessKeyId) => Promise<readonly string[]>) | undefined;
  /** The IDs that the operator joined, grouped by person. Absent if there are none. */
  readonly samePerson?: SamePerson | undefined;
  /** The end of a time range that states none (`endOfOpenRange`). Absent: it has no end. */
  readonly end?: EpochMillis | undefined;
  /** The requests to the store that are left for the question. Absent if they are not limited. */
  readonly budget?: Budget | undefined;
}

/** Some records in order, and where the rest of the answer begins. `next` is undefined at the end. */
export interface Part {
  readonly records: readonly ReadRecord[];
  readonly next: Cursor | undefined;
  /** The number of records that were read for it. */
  readonly examined: number;
  /** False if the records are not in order of time, as in `RecordPage`. */
  readonly inOrder?: false;
}

/** Limits the records that are read for one page: some megabytes. */
const MOST_EXAMINED = 5_000;
/** Limits the parts that are read one after the other for one page. Each may have no matching record. */
const MOST_PARTS = 32;

/**
 * Returns a page, put together from parts. It ends if it is full, if nothing is left, or if it has read as many records
 * or made as many requests as a page may. `read` returns at most `room` records, from where the part before ended.
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
