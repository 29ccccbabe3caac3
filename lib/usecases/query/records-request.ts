import type { Budget } from '../../ports/budget.ts';
import type { Claims, ClaimWaits } from '../../ports/claims.ts';
import type { Directory } from '../../ports/directory.ts';
import type { RecordStore } from '../../ports/records.ts';
import type { SessionStore } from '../../ports/sessions.ts';
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
