import type { AuditRecord } from '../../attribution/record.ts';
import type { Sessions } from '../query/anything/found.ts';
import type { RecordsQuestion } from '../query/question.ts';
import type { Looked } from './report.ts';

/** A question of a report, and who takes its requests. */
export interface AskedRequests {
  readonly question: RecordsQuestion;
  /** Each request once, by the record of whichever of its stages; in no order. */
  take(record: AuditRecord): void;
}

/** Where a report finds what was done: files, which are read once for all questions of a call, or the service. */
export interface RequestSource {
  /** How far was read for each question, in their order. @throws what the place behind it throws where it is out of reach. */
  read(asked: readonly AskedRequests[]): Promise<readonly Looked[]>;
}

/** Where a report is made from. */
export interface IncidentPlace {
  /** Undefined where no audit log is at hand. */
  readonly requests: RequestSource | undefined;
  /** By the person's ARN, id, e-mail or name. */
  sessionsOfPerson(person: string): Promise<Sessions>;
  /** Handed the requests of those whom the report is about, as evidence. */
  keep?(record: AuditRecord): void;
}
