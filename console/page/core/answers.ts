import type { Attribution } from '../../../lib/attribution/attribution.ts';
import type { AuditRecord, RecordedCaller } from '../../../lib/attribution/record.ts';
import type { NotesAnswer, NoteView } from '../../../lib/usecases/notes/notes.ts';
import type { InLog, SessionFound } from '../../../lib/usecases/query/anything/found.ts';
import type { Namesakes } from '../../../lib/usecases/query/anything/namesakes.ts';
import type { ToldRequest } from '../../../lib/usecases/query/anything/told-request.ts';
import type { KnownAnswer } from '../../../lib/usecases/query/known-query.ts';
import type { RecordsAnswer } from '../../../lib/usecases/query/records-query.ts';
import type { SessionRow, SessionsAnswer } from '../../../lib/usecases/query/sessions-query.ts';
import type { SummaryAnswer } from '../../../lib/usecases/query/summary.ts';

export type {
  AuditRecord,
  KnownAnswer,
  Namesakes,
  NotesAnswer,
  NoteView,
  RecordsAnswer,
  SessionFound,
  SessionRow,
  SessionsAnswer,
  SummaryAnswer,
};

/** One answer of `GET /whois?q=` (docs/contract.md, "HTTP"). */
export interface WhoAnswer {
  /** What the text was taken for, in words: `the access key ASIA…`. */
  readonly subject: string;
  readonly attribution?: Attribution;
  readonly caller?: RecordedCaller;
  readonly records?: readonly AuditRecord[];
  /** Of a role or a person. */
  readonly sessions?: readonly SessionFound[];
  /** That of these sessions, where the text is nobody's name. */
  readonly sessionName?: string;
  readonly left?: number;
  readonly note?: string;
  /** Where one of these sessions made the request, and the log does not say which. */
  readonly status?: 'ambiguous';
  /** Where the text describes one request: what `note` says of it. */
  readonly inLog?: InLog;
  /** Not everything was looked through: somebody may be behind it whom this does not name. */
  readonly complete?: false;
  readonly request?: ToldRequest;
  /** The audit log has the request as it stands there; else it is the text's word alone. */
  readonly recorded?: true;
  /** Nothing is known, and why. */
  readonly unknown?: string;
}

/** The body of `GET /whois?q=`: one answer, or those of all that the text held. */
export type AnythingBody = {
  readonly recognised: { readonly as: string; readonly notes: readonly string[]; readonly left?: number };
} & (WhoAnswer | { readonly answers: readonly WhoAnswer[] });
