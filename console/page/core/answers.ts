import type { Attribution } from '../../../lib/attribution/attribution.ts';
import type { AuditRecord, RecordedCaller } from '../../../lib/attribution/record.ts';
import type { FirstUses } from '../../../lib/usecases/activity/first-uses.ts';
import type { NotesAnswer, NoteView } from '../../../lib/usecases/notes/notes.ts';
import type { KeyUses } from '../../../lib/usecases/query/anything/key-uses.ts';
import type { Namesakes } from '../../../lib/usecases/query/anything/namesakes.ts';
import type { InLog, PersonOfSessions, SessionFound } from '../../../lib/usecases/query/anything/outcomes.ts';
import type { RequestDetails } from '../../../lib/usecases/query/anything/request-details.ts';
import type { FleetAnswer, FleetEntry } from '../../../lib/usecases/query/fleet.ts';
import type { KnownAnswer } from '../../../lib/usecases/query/known-query.ts';
import type { RecordsAnswer } from '../../../lib/usecases/query/records-query.ts';
import type { SessionRow, SessionsAnswer } from '../../../lib/usecases/query/sessions-query.ts';
import type { SummaryAnswer } from '../../../lib/usecases/query/summary.ts';

export type {
  AuditRecord,
  FleetAnswer,
  FleetEntry,
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

/** One answer of `GET /whois?q=` (docs/contract.md, "HTTP"). Its texts come from logs or from the search text. */
export interface WhoAnswer {
  /** The subject of the answer, in words: `the access key ASIA…`. */
  readonly subject: string;
  readonly attribution?: Attribution;
  readonly caller?: RecordedCaller;
  readonly records?: readonly AuditRecord[];
  /** The sessions, if the answer is about a role or a person. */
  readonly sessions?: readonly SessionFound[];
  /** The name of these sessions, if the text is a session name and not an actor's name. */
  readonly sessionName?: string;
  /** Set if the name means several people. Their sessions stand together, in the order of `people`. */
  readonly ambiguousName?: true;
  readonly people?: readonly PersonOfSessions[];
  /** How many more sessions there are. */
  readonly left?: number;
  /** Sessions before the time range of the answer. To list them, send `last` as `at`. */
  readonly earlier?: { readonly sessions: number; readonly last?: string };
  /** The requests in the audit log that used the access key. */
  readonly keyUses?: KeyUses;
  /** The values that the actor used for the first time in this request. */
  readonly firstUses?: FirstUses;
  readonly note?: string;
  /**
   * `ambiguous` if the log does not show which of these sessions made the request. `attributed` if all sessions are of
   * one actor.
   */
  readonly status?: 'ambiguous' | 'attributed';
  /** Whether the audit log has the request that the text describes; `note` says the same in words. */
  readonly inLog?: InLog;
  /** Set if not all records were scanned. Somebody whom this answer does not name may then be behind the request. */
  readonly complete?: false;
  readonly request?: RequestDetails;
  /** Set if the audit log has exactly this request. Otherwise it comes from the search text, which anyone can write. */
  readonly recorded?: true;
  /** The reason why nothing was found, in sentences. */
  readonly unknown?: string;
}

/** The body of `GET /whois?q=`: one answer, or one for each subject in the text. */
export type AnythingBody = {
  readonly recognized: { readonly as: string; readonly notes: readonly string[]; readonly left?: number };
} & (WhoAnswer | { readonly answers: readonly WhoAnswer[] });
