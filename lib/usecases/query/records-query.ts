import type { ListedStatus } from '../../claims/claim.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import type { Claims } from '../../ports/claims.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { RecordStore, RecordsWhere } from '../../ports/records.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { filled } from './filled-page.ts';
import { recordsOfSession } from './records-of-session.ts';
import { recordsOfStatus } from './records-of-status.ts';

/** What `/records` is asked. */
export type RecordsQuestion =
  | Exclude<RecordsWhere, { by: 'claim' }>
  | { readonly by: 'status'; readonly status: ListedStatus };

export interface RecordsRequest {
  readonly question: RecordsQuestion;
  readonly range: TimeRange;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface RecordsAnswer {
  readonly records: readonly KeptRecord[];
  /** Absent after the last page. */
  readonly cursor?: string;
}

export interface QueryService {
  readonly sessions: SessionStore;
  readonly records: RecordStore;
  readonly claims: Claims;
}

/**
 * Records, newest first; by status they come claim by claim, the claims of the latest events first. A page is full or the
 * last, but where some thousand sessions had to be looked through for it.
 * @throws CursorError where the cursor is none of ours, or of another question.
 * @throws PositionError where a place in it is none of the store's.
 */
export async function queryRecords(request: RecordsRequest, service: QueryService): Promise<RecordsAnswer> {
  const { records, next } = await pageOf(request, service);
  return { records: records.map(({ record }) => record), ...(next && { cursor: writeCursor(next) }) };
}

function pageOf({ question, range, limit, cursor }: RecordsRequest, service: QueryService) {
  if (question.by === 'status') return recordsOfStatus(question.status, { range, limit, cursor }, service);
  if (question.by === 'session') return recordsOfSession(question.session, { range, limit, cursor }, service);
  return filled(readCursor(cursor, { needs: ['records'], may: [] }), limit, async (from, room) => {
    const page = await service.records.query(question, range, { limit: room, position: from.records });
    return { records: page.records, next: page.position === undefined ? undefined : { records: page.position } };
  });
}
