import type { Attribution } from '../../../attribution/attribution.ts';
import type { Status } from '../../../attribution/reasons.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { describeSubject } from '../../../recognise/describe.ts';
import type { Subject } from '../../../recognise/subject.ts';
import type { Feature } from './described-request.ts';
import { circumstancesOfRecord, type RequestDetails, requestDetails } from './request-details.ts';

/** What the log at hand says of the one request that a text describes. */
export interface InLog {
  /**
   * Whose request it is: of `one-caller`, whom the answer is about; `several` could be meant; `none`: the log covers the time, and
   * holds no such request; `partly-read`: none was found in what was read; `not-checked`: no log, or none of that time.
   */
  readonly result: 'one-caller' | 'several' | 'none' | 'partly-read' | 'not-checked';
  /** How many recorded requests fit the text. */
  readonly requests: number;
  /** In what the text and the request that fits best agree, named as in `request`. */
  readonly agrees: readonly Feature[];
  /** In what they differ. */
  readonly differs: readonly Feature[];
}

/** Who is behind one session or request. */
export interface AttributedOutcome {
  readonly kind: 'attributed';
  readonly attribution: Attribution;
  /** Whom it is about, as a record has him. */
  readonly caller: object;
  /** The record, of an audit event. */
  readonly record?: AuditRecord | undefined;
  /** The record was found in an audit log; else it was made of the text. */
  readonly isStored?: true | undefined;
  /** All records that bear the audit id, where it is not that one alone. */
  readonly records?: readonly AuditRecord[] | undefined;
  /** Of an access key that no grant tells of, in whose sessions the audit log has it, the latest first. */
  readonly used?: readonly SessionFound[] | undefined;
  /** A sentence: what was not looked through. */
  readonly note?: string | undefined;
  /** Where the text describes one request. */
  readonly inLog?: InLog | undefined;
  readonly isWhole?: Completeness;
}

/**
 * One session of a role or a person. Of grants `from` and `to` are when the credentials were issued and expire, of records
 * the times of the first and last that were read, `records` of them, a request's stages each.
 */
export interface SessionFound {
  /** `AROA…:<session name>`, or `<account>:<name>` of a federated user. */
  readonly session?: string | undefined;
  readonly accessKeyId?: string | undefined;
  /** Where neither of these is known. */
  readonly username?: string | undefined;
  readonly role?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly records?: number | undefined;
  /** How many requests these records are of. */
  readonly requests?: number | undefined;
  readonly attribution: Attribution;
}

/** False where not everything was looked through for the answer: somebody may be behind it whom it does not name. */
export type Completeness = false | undefined;

export interface SessionsOutcome {
  readonly kind: 'sessions';
  /** They bear this session name, and are not whom it was taken for. */
  readonly sessionName?: string | undefined;
  /** Newest first. */
  readonly sessions: readonly SessionFound[];
  /** How many more there are than are listed. */
  readonly left: number;
  /** A sentence: what was not looked through. */
  readonly note?: string | undefined;
  /** Where the text describes one request. */
  readonly inLog?: InLog | undefined;
  readonly isWhole?: Completeness;
}

/** Nothing is known of it; what that is, and what can be done, in sentences. */
export interface UnknownOutcome {
  readonly kind: 'not-known';
  readonly why: string;
  readonly hint?: string | undefined;
  readonly inLog?: InLog | undefined;
  readonly isWhole?: Completeness;
}

export type Outcome = AttributedOutcome | SessionsOutcome | UnknownOutcome;

/** What is known of one subject of a text. */
export interface SubjectAnswer {
  readonly subject: Subject;
  readonly outcome: Outcome;
}

/** What is known of all that a text was taken for. */
export interface AnythingAnswer {
  readonly as: string;
  readonly notes: readonly string[];
  /** At least one. */
  readonly found: readonly SubjectAnswer[];
  /** Whether the text is one question, so that there is one answer. */
  readonly isOne: boolean;
  /** Of how many subjects of the text nothing was asked. */
  readonly left: number;
}

/** What the request was: as the text told it, and what its record knows beside that, as the cluster. */
export function requestOf({ subject, outcome }: SubjectAnswer): RequestDetails | undefined {
  const record = outcome.kind === 'attributed' ? outcome.record : undefined;
  return requestDetails(
    record === undefined ? subject.circumstances : { ...circumstancesOfRecord(record), ...subject.circumstances },
  );
}

/** The body of `GET /whois?q=` (contract, "HTTP"). */
export function anythingBody(answer: AnythingAnswer): object {
  const { as, notes, found, left, isOne } = answer;
  const recognised = { as, notes, ...(left > 0 && { left }) };
  const [first] = found;
  if (!isOne || first === undefined) return { recognised, answers: found.map(foundBody) };
  return { recognised, ...foundBody(first) };
}

/** Whom, or what, it is about; of a name that only sessions bear, these. Show it escaped. */
export function describeFound({ subject, outcome }: SubjectAnswer): string {
  const { sessionName } = outcome.kind === 'sessions' ? outcome : {};
  return sessionName === undefined ? describeSubject(subject) : `the session name ${sessionName}`;
}

function foundBody(found: SubjectAnswer): object {
  const request = requestOf(found);
  return {
    subject: describeFound(found),
    ...outcomeBody(found.outcome),
    ...(request !== undefined && { request }),
    ...(request !== undefined && isRecorded(found) && { recorded: true }),
  };
}

/** Whether the audit log has the request as it is shown: where the text tells it otherwise, it is the text's word. */
function isRecorded(found: SubjectAnswer): boolean {
  const { outcome } = found;
  if (outcome.kind !== 'attributed' || outcome.record === undefined || outcome.isStored !== true) return false;
  return JSON.stringify(requestOf(found)) === JSON.stringify(requestDetails(circumstancesOfRecord(outcome.record)));
}

function outcomeBody(outcome: Outcome): object {
  const { inLog } = outcome;
  const scope = {
    ...(inLog !== undefined && { inLog }),
    ...(outcome.isWhole === false && { complete: false }),
  };
  if (outcome.kind === 'not-known') return { unknown: notKnownText(outcome), ...scope };
  if (outcome.kind === 'attributed') {
    const { attribution, caller, records, used, note } = outcome;
    return {
      attribution,
      caller,
      ...(records !== undefined && { records }),
      ...(used !== undefined && { used }),
      ...(note !== undefined && { note }),
      ...scope,
    };
  }
  const { sessions, left, note, sessionName } = outcome;
  return {
    ...(isUndecided(outcome) && { status: 'ambiguous' }),
    ...(sessionName !== undefined && { sessionName }),
    sessions,
    ...(left > 0 && { left }),
    ...(note !== undefined && { note }),
    ...scope,
  };
}

export function notKnownText({ why, hint }: UnknownOutcome): string {
  return [why, hint].filter((each) => each !== undefined).join(' ');
}

/** With so many answers, sessions or records at most; the rest is counted, but of records, which may be asked for. */
export function shortened(answer: AnythingAnswer, most: number): AnythingAnswer {
  const found = answer.found.slice(0, most).map((each) => ({ ...each, outcome: shortenedOutcome(each.outcome, most) }));
  return { ...answer, found, left: answer.left + answer.found.length - found.length };
}

function shortenedOutcome(outcome: Outcome, most: number): Outcome {
  if (outcome.kind === 'attributed')
    return { ...outcome, records: outcome.records?.slice(0, most), used: outcome.used?.slice(0, most) };
  if (outcome.kind === 'not-known') return outcome;
  const sessions = outcome.sessions.slice(0, most);
  return { ...outcome, sessions, left: outcome.left + outcome.sessions.length - sessions.length };
}

/** The statuses of an answer, of which the gravest is the whole's; sessions that were listed are what was asked for. */
export function statusesOf({ found }: AnythingAnswer): readonly (Status | 'not-known')[] {
  return found.flatMap(({ outcome }) => {
    if (outcome.kind === 'attributed') return outcome.attribution.status;
    if (outcome.kind === 'not-known') return 'not-known';
    return isUndecided(outcome) ? 'ambiguous' : [];
  });
}

/** Whether nobody of these is to be named alone: several can have made the one request, or the log shows none of them to. */
export function isUndecided({ inLog }: SessionsOutcome): boolean {
  return inLog !== undefined && inLog.result !== 'not-checked';
}

/** Of one record, which may have been made of the text. */
export function ofRecord(record: AuditRecord): AttributedOutcome {
  return { kind: 'attributed', attribution: record.attribution, caller: record.caller, record };
}

/** How a sentence begins that names what no session was found for; the name and a full stop follow. */
export const NO_SESSIONS = 'No sessions found for ';

export function notKnown(why: string, hint?: string, isWhole?: Completeness): UnknownOutcome {
  return { kind: 'not-known', why, hint, isWhole };
}

/** What there is of these sentences, as one text; undefined where there is none. */
export function joinSentences(...sentences: readonly (string | undefined)[]): string | undefined {
  const all = sentences.filter((each) => each !== undefined);
  return all.length === 0 ? undefined : all.join(' ');
}
