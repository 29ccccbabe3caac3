import type { ActorId, JoinedId } from '../../../attribution/actor-id.ts';
import type { Attribution } from '../../../attribution/attribution.ts';
import { DistinctActors } from '../../../attribution/distinct-actors.ts';
import { FLAGS, type Flag } from '../../../attribution/flags.ts';
import type { Status } from '../../../attribution/reasons.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import type { KeptAttribution, KeptRecord } from '../../../claims/kept-record.ts';
import type { TargetedAwsCall } from '../../../cloudtrail/pod-session.ts';
import { isInstanceId } from '../../../identity/session-name.ts';
import type { TimeInterval } from '../../../ports/histories.ts';
import { describeSubject } from '../../../recognize/describe.ts';
import type { Circumstances, Subject } from '../../../recognize/subject.ts';
import { formatInstant } from '../../../time.ts';
import type { FirstUses } from '../../activity/first-uses.ts';
import { fewerOfAccounts } from '../../activity/requests.ts';
import type { Feature } from './described-request.ts';
import type { KeyUses } from './key-uses.ts';
import type { RequestPlace } from './object-places.ts';
import { circumstancesOfRecord, type RequestDetails, requestDetails } from './request-details.ts';

/** How a described request was checked against the audit log, and with which result. */
export interface InLog extends Partial<ShownRequests> {
  /**
   * `one-caller`: the answer is about the one caller who made the request, or all requests that the text asks for.
   * `several`: several callers match. `similar`: the text states too little to decide, or the requests differ in one
   * feature. `none`: the log covers the cluster and the time, and has no such request. `partly-read`: no such request
   * was found, but not everything was read. `not-checked`: there is no log, none that covers the cluster and the time,
   * or it can have been off at that time. If it can have been off, nobody is named (CONTRACT, 12.7, point 2).
   */
  readonly result: 'one-caller' | 'several' | 'similar' | 'none' | 'partly-read' | 'not-checked';
  /** The number of recorded requests that match the text. */
  readonly requests: number;
  /** The features in which the best match agrees with the text, with the names of the fields in `request`. */
  readonly agrees: readonly Feature[];
  /** The features in which the best match differs from the text. */
  readonly differs: readonly Feature[];
}

/** The attribution of one session or request. */
export interface AttributedOutcome {
  readonly kind: 'attributed';
  readonly attribution: Attribution;
  /** The caller, as in a record. */
  readonly caller: object;
  /** The record, if the subject is an audit event. */
  readonly record?: AuditRecord | undefined;
  /** Present if the audit log has the record. If absent, the record was made from the text. */
  readonly isStored?: true | undefined;
  /** All records that have the audit ID, if there are several. */
  readonly records?: readonly AuditRecord[] | undefined;
  /**
   * Sessions in the audit log, the latest first: those that used an access key without a known grant, or those whose
   * credentials were requested with a long-term key.
   */
  readonly used?: readonly SessionFound[] | undefined;
  /**
   * How the access key was used in the audit log. Present if the question was only about a key, and the log has
   * requests with it.
   */
  readonly keyUses?: KeyUses | undefined;
  /**
   * The newest CloudTrail calls that the access key signed, including denied ones. Present if no grant of the key is
   * known, and there are calls.
   */
  readonly awsCalls?: readonly TargetedAwsCall[] | undefined;
  /** Sessions in the audit log with the same role and session name, but with access keys that no grant issued. */
  readonly unidentified?: readonly SessionFound[] | undefined;
  /**
   * What the actor used for the first time in this request. Present if the request is recorded, and the actor is not a
   * program.
   */
  readonly firstUses?: FirstUses | undefined;
  /**
   * Requests through which somebody can have got the role of the pod. Present if the actor is a pod or a service
   * account, and there are such requests.
   */
  readonly inItsPods?: RequestsBeside | undefined;
  /** A sentence that says what was not searched. */
  readonly note?: string | undefined;
  /** Present if the text describes one request. */
  readonly inLog?: InLog | undefined;
  /**
   * The callers of recorded requests that differ from the described one in one feature. Present if the log does not
   * have the described one.
   */
  readonly similar?: readonly SessionFound[] | undefined;
  readonly isComplete?: Completeness;
}

/**
 * One session of a role or a person. If records of it were read, `records` is their number. One request can have
 * several records, one for each stage. `from` and `to` are then the times of the first and the last one. Without
 * records, they are the times when the credentials were issued and expire (`validityOf`).
 */
export interface SessionFound {
  /** `AROA…:<session name>`, or `<account>:<name>` of a federated user. */
  readonly session?: string | undefined;
  readonly accessKeyId?: string | undefined;
  /** The username of the caller. Present if the session is not known, or if the caller is one of the cluster's own. */
  readonly username?: string | undefined;
  readonly role?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly records?: number | undefined;
  /** The number of requests that these records belong to. */
  readonly requests?: number | undefined;
  /**
   * The source IPs of these records, the latest first, at most three. Only the last source IP of each record is used,
   * because clients can write the others.
   */
  readonly ips?: readonly string[] | undefined;
  /** The user agents of these records, the latest first, at most three. Clients can write anything here. */
  readonly userAgents?: readonly string[] | undefined;
  /**
   * What the actor used for the first time in these requests, or in those of their other groups. Present if the
   * requests match a text. Only the first groups of the first people have it.
   */
  readonly firstUses?: FirstUses | undefined;
  /** The attribution, with a limited number of candidates. */
  readonly attribution: KeptAttribution;
}

/**
 * Requests of one caller. If all are proven to be one person's, the group has all requests of that person. Otherwise it
 * has those of one session. `from` and `to` are the times of the first and the last one. Callers can choose the texts,
 * so escape them before display.
 */
export interface RequestGroup extends Omit<SessionFound, 'records' | 'accessKeyId'> {
  readonly requests: number;
  /** The access keys of the requests, the latest first. Empty if the requests state none. */
  readonly accessKeyIds: readonly string[];
  /** The attribution of the latest request, with the flags of all requests. */
  readonly attribution: KeptAttribution;
}

/** The recorded requests of an answer, in the form in which it shows them. */
export interface ShownRequests {
  /** The requests, newest first. Absent if there are more than ten. */
  readonly listed?: readonly KeptRecord[] | undefined;
  /** The requests grouped by caller. The caller with the latest request comes first. */
  readonly groups: readonly RequestGroup[];
  readonly groupsLeft?: number | undefined;
}

/** Further requests that an answer shows in addition to its own. */
export interface RequestsBeside extends ShownRequests {
  readonly requests: number;
}

/** False if not everything was searched, so that other people are possible. Otherwise undefined. */
export type Completeness = false | undefined;

/** One of several people who have the same name. Callers can choose its texts: escape them before you show them. */
export interface PersonOfSessions extends ActorId, JoinedId {
  readonly name: string;
  readonly accountId?: string | undefined;
  /** The time of the latest request. For a session without requests, the time of its issue counts. */
  readonly last?: string | undefined;
  /** The number of this person's sessions in the list. */
  readonly sessions: number;
}

/** Sessions that ended before the time range of a question, at least one. */
export interface EarlierSessions {
  readonly sessions: readonly SessionFound[];
  /**
   * The time of the latest request. For a session without requests, the time of its issue counts. Absent if no time is
   * known.
   */
  readonly last?: string | undefined;
}

export interface SessionsOutcome {
  readonly kind: 'sessions';
  /** The name, if it is only a session name, not the name of a person, a role or a username. */
  readonly sessionName?: string | undefined;
  /** Newest first. If the name means several people, the sessions of each person are next to each other. */
  readonly sessions: readonly SessionFound[];
  /** Present if the name means several people. */
  readonly ambiguousName?: true | undefined;
  /** The people, in the order of their sessions. Present together with `ambiguousName`. */
  readonly people?: readonly PersonOfSessions[] | undefined;
  /** The number of sessions that are not listed. */
  readonly left: number;
  /** The time range that the list covers. Present if the question was about a name, without a time. */
  readonly span?: TimeInterval | undefined;
  /** Sessions that ended before `span`. Absent if there are none. */
  readonly earlier?: EarlierSessions | undefined;
  /**
   * Requests that listed or watched all objects of the type, so that their responses can have contained the object.
   * Present if the text asks who read an object, and such requests succeeded. Requests by the cluster itself are left
   * out.
   */
  readonly mayAlsoHaveRead?: RequestsBeside | undefined;
  /**
   * Requests that were made with tokens of a pod of this name. Present if the text is about a pod, and there are such
   * requests.
   */
  readonly ofPod?: RequestsBeside | undefined;
  /** All places where the matching or similar requests were made. The JSON of the answer does not have this field. */
  readonly places?: readonly RequestPlace[] | undefined;
  /** A sentence that says what was not searched. */
  readonly note?: string | undefined;
  /** Present if the text describes one request. */
  readonly inLog?: InLog | undefined;
  /**
   * The callers of recorded requests that differ from the described one in one feature. Present if the log does not
   * have the described one.
   */
  readonly similar?: readonly SessionFound[] | undefined;
  readonly isComplete?: Completeness;
}

/** The outcome if nothing was found: `why` says what was not found, `hint` what to do. */
export interface UnknownOutcome {
  readonly kind: 'not-known';
  readonly why: string;
  readonly hint?: string | undefined;
  readonly inLog?: InLog | undefined;
  readonly isComplete?: Completeness;
}

export type Outcome = AttributedOutcome | SessionsOutcome | UnknownOutcome;

/** One subject of a text, with its outcome. */
export interface SubjectAnswer {
  readonly subject: Subject;
  readonly outcome: Outcome;
  /**
   * The CloudTrail calls that AWS denied with the error message in the text. Present if CloudTrail was searched for
   * them.
   */
  readonly deniedCalls?: readonly DeniedCall[] | undefined;
}

/** A denied call. Its attribution is looked up by its access key. */
export interface DeniedCall extends TargetedAwsCall {
  readonly attribution?: Attribution | undefined;
}

/** The answer about a whole text. */
export interface AnythingAnswer {
  readonly as: string;
  readonly notes: readonly string[];
  /** The answers, at least one. */
  readonly found: readonly SubjectAnswer[];
  /** Whether the text is one question with one answer. */
  readonly isOne: boolean;
  /** The number of subjects that were not looked up. */
  readonly left: number;
}

/** Returns the request in the text. Details that the text lacks, such as the cluster, come from its record. */
export function requestOf(found: SubjectAnswer): RequestDetails | undefined {
  return requestDetails(completedCircumstances(found));
}

/** Returns the circumstances in the text. Details that the text lacks come from the record. */
export function completedCircumstances({ subject, outcome }: SubjectAnswer): Circumstances {
  const stated = subject.circumstances;
  const record = outcome.kind === 'attributed' ? outcome.record : undefined;
  if (record === undefined) return stated;
  const recorded = circumstancesOfRecord(record);
  if (stated.isProcessStart === true)
    return { ...recorded, ...(stated.finding !== undefined && { finding: stated.finding }) };
  const request = { ...recorded.request, ...stated.request };
  // The answer about a token is the request that issued it. That request was made with other credentials.
  const { credentialId: _, tokenOf: _tokens, ...others } = stated;
  const kept = stated.tokenOf === undefined && stated.credentialId === record.caller.credentialId ? stated : others;
  return { ...recorded, ...kept, ...(Object.keys(request).length > 0 && { request }) };
}

/** Returns the body of `GET /whois?q=` (contract, "HTTP"). */
export function anythingBody(answer: AnythingAnswer): object {
  const { as, notes, found, left, isOne } = answer;
  const recognized = { as, notes, ...(left > 0 && { left }) };
  const [first] = found;
  if (!isOne || first === undefined) return { recognized, answers: found.map(foundBody) };
  return { recognized, ...foundBody(first) };
}

/**
 * Returns a phrase for the subject. If the name is only a session name, the phrase says so. Escape it before you show
 * it.
 */
export function describeFound({ subject, outcome }: SubjectAnswer): string {
  const { sessionName } = outcome.kind === 'sessions' ? outcome : {};
  const isOther = sessionName !== undefined && !isInstanceId(sessionName);
  return isOther ? `the session name ${sessionName}` : describeSubject(subject);
}

function foundBody(found: SubjectAnswer): object {
  const request = requestOf(found);
  return {
    subject: describeFound(found),
    ...outcomeBody(found.outcome),
    ...(found.deniedCalls !== undefined && { deniedCalls: found.deniedCalls.map(({ at: _, ...call }) => call) }),
    ...(request !== undefined && { request }),
    ...(request !== undefined && isRecorded(found) && { recorded: true }),
  };
}

/** Returns whether the audit log has this request. If not, the details of the request come from the text. */
function isRecorded(found: SubjectAnswer): boolean {
  const { outcome } = found;
  if (outcome.kind !== 'attributed' || outcome.record === undefined || outcome.isStored !== true) return false;
  return JSON.stringify(requestOf(found)) === JSON.stringify(requestDetails(circumstancesOfRecord(outcome.record)));
}

function outcomeBody(outcome: Outcome): object {
  if (outcome.kind === 'not-known') return { unknown: notKnownText(outcome), ...scopeBody(outcome) };
  return {
    ...(outcome.kind === 'attributed' ? attributedBody(outcome) : sessionsBody(outcome)),
    ...scopeBody(outcome),
  };
}

/** Returns the fields that say what was searched and what was not. */
function scopeBody(outcome: Outcome): object {
  const similar = outcome.kind === 'not-known' ? undefined : outcome.similar;
  return {
    ...(outcome.inLog !== undefined && { inLog: outcome.inLog }),
    ...(similar !== undefined && { similar }),
    ...(outcome.isComplete === false && { complete: false }),
  };
}

function attributedBody(outcome: AttributedOutcome): object {
  const { attribution, caller, records, used, keyUses, awsCalls, unidentified, firstUses, inItsPods, note } = outcome;
  return {
    attribution,
    caller,
    ...(records !== undefined && { records }),
    ...(used !== undefined && { used }),
    ...(keyUses !== undefined && { keyUses }),
    ...(awsCalls !== undefined && { awsCalls: awsCalls.map(({ at: _, ...call }) => call) }),
    ...(unidentified !== undefined && { unidentified }),
    ...(firstUses !== undefined && { firstUses }),
    ...(inItsPods !== undefined && { inItsPods }),
    ...(note !== undefined && { note }),
  };
}

function sessionsBody(outcome: SessionsOutcome): object {
  const { sessions, left, note, sessionName, ambiguousName, people, span, earlier, mayAlsoHaveRead, ofPod } = outcome;
  return {
    ...(isUndecided(outcome) && { status: 'ambiguous' }),
    ...(outcome.inLog?.result === 'one-caller' && { status: 'attributed' }),
    ...(sessionName !== undefined && { sessionName }),
    ...(ambiguousName && { ambiguousName, people }),
    sessions,
    ...(left > 0 && { left }),
    ...(span !== undefined && { span: { from: formatInstant(span.from), to: formatInstant(span.to) } }),
    ...(mayAlsoHaveRead !== undefined && { mayAlsoHaveRead }),
    ...(ofPod !== undefined && { ofPod }),
    ...(earlier !== undefined && { earlier: { sessions: earlier.sessions.length, last: earlier.last } }),
    ...(note !== undefined && { note }),
  };
}

/** Returns whether sessions were found for the name, in the time range of the question or before it. */
export function hasSessions({ sessions, earlier }: Pick<SessionsOutcome, 'sessions' | 'earlier'>): boolean {
  return sessions.length > 0 || earlier !== undefined;
}

export function notKnownText({ why, hint }: UnknownOutcome): string {
  return [why, hint].filter((each) => each !== undefined).join(' ');
}

/**
 * Returns the answer with at most `most` answers, sessions and records. It says how many answers and sessions were left
 * out.
 */
export function shortened(answer: AnythingAnswer, most: number): AnythingAnswer {
  const found = answer.found.slice(0, most).map((each) => ({ ...each, outcome: shortenedOutcome(each.outcome, most) }));
  return { ...answer, found, left: answer.left + answer.found.length - found.length };
}

function shortenedOutcome(outcome: Outcome, most: number): Outcome {
  if (outcome.kind === 'attributed')
    return {
      ...outcome,
      records: outcome.records && fewerOfAccounts(outcome.records, most),
      used: outcome.used?.slice(0, most),
      keyUses: outcome.keyUses && { ...outcome.keyUses, listed: outcome.keyUses.listed.slice(0, most) },
      awsCalls: outcome.awsCalls?.slice(0, most),
      unidentified: outcome.unidentified?.slice(0, most),
      similar: outcome.similar?.slice(0, most),
      inLog: outcome.inLog && shortenedInLog(outcome.inLog, most),
    };
  if (outcome.kind === 'not-known') return outcome;
  const sessions = outcome.sessions.slice(0, most);
  const left = outcome.left + outcome.sessions.length - sessions.length;
  const inLog = outcome.inLog && shortenedInLog(outcome.inLog, most);
  return { ...outcome, sessions, left, similar: outcome.similar?.slice(0, most), inLog };
}

function shortenedInLog({ listed = [], groups = [], groupsLeft = 0, ...inLog }: InLog, most: number): InLog {
  const left = groupsLeft + Math.max(0, groups.length - most);
  return {
    ...inLog,
    ...(listed.length > 0 && listed.length <= most && { listed }),
    ...(groups.length > 0 && { groups: groups.slice(0, most) }),
    ...(left > 0 && { groupsLeft: left }),
  };
}

/**
 * Returns the statuses of an answer, to find the most serious one. A list of sessions has no status, because it is what
 * the user asked for.
 */
export function statusesOf({ found }: AnythingAnswer): readonly (Status | 'not-known')[] {
  return found.flatMap(({ outcome }) => {
    if (outcome.kind === 'attributed') return outcome.attribution.status;
    if (outcome.kind === 'not-known') return 'not-known';
    return isUndecided(outcome) || outcome.ambiguousName === true ? 'ambiguous' : [];
  });
}

/**
 * Returns whether none of these sessions may be named alone: several can have made the request, or the log does not
 * show it.
 */
export function isUndecided({ inLog, similar = [] }: SessionsOutcome): boolean {
  if (inLog === undefined || inLog.result === 'one-caller') return false;
  return inLog.result !== 'not-checked' || similar.length > 0;
}

/** Returns the outcome for one record, which is stored or was made from the pasted text. */
export function outcomeOfRecord(record: AuditRecord): AttributedOutcome {
  return { kind: 'attributed', attribution: record.attribution, caller: record.caller, record };
}

/**
 * Flags about the event itself. They say nothing about how the actor was found, so an answer without an actor keeps
 * them.
 */
export const OF_THE_EVENT: readonly Flag[] = [
  'conflicting-copies',
  'token-of-service-account',
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'impersonation',
];

/** Flags that can be raised only if the event is known. Some of them change who is named. */
export const SHOWN_BY_EVENTS: readonly Flag[] = ['unusual-node-client', ...OF_THE_EVENT];

/** Returns the outcome with its actor, if any, as a candidate. */
export function withoutName(outcome: AttributedOutcome): AttributedOutcome {
  if (outcome.attribution.actor === undefined) return outcome;
  const { actor, chain = [], use, uses, flags, provisional } = outcome.attribution;
  const candidate = { actor, chain, ...(use !== undefined && { use }), ...(uses !== undefined && { uses }) };
  const kept = flags.filter((flag) => OF_THE_EVENT.includes(flag));
  return { ...outcome, attribution: { status: 'ambiguous', provisional, flags: kept, candidates: [candidate] } };
}

/**
 * Returns one outcome for several requests if it is not known which of them the text means. It is the first outcome,
 * with the actors of all as candidates. Flags that need an actor are removed. If no request has an actor, it is the
 * first one that the cluster itself did not make, if any.
 */
export function oneOfSeveral(outcomes: readonly [AttributedOutcome, ...AttributedOutcome[]]): AttributedOutcome {
  const [first] = outcomes;
  const nameless = outcomes.map(withoutName);
  const found = nameless.find(({ attribution }) => attribution.status !== 'system') ?? first;
  const raised = new Set<Flag>(nameless.flatMap(({ attribution }) => attribution.flags));
  const flags = FLAGS.filter((flag) => raised.has(flag));
  const distinct = new DistinctActors();
  const candidates = nameless
    .flatMap(({ attribution }) => attribution.candidates ?? [])
    .filter(({ actor }) => distinct.add(actor));
  if (candidates.length === 0) return { ...found, attribution: { ...found.attribution, flags } };
  const { provisional } = found.attribution;
  return { ...first, attribution: { status: 'ambiguous', provisional, flags, candidates } };
}

/** The beginning of a sentence about a subject without sessions. Append the subject and a full stop. */
export const NO_SESSIONS = 'No sessions found for ';

export function notKnown(why: string, hint?: string, isComplete?: Completeness): UnknownOutcome {
  return { kind: 'not-known', why, hint, isComplete };
}

/** Joins the sentences with spaces and skips undefined ones. Undefined if all are. */
export function joinSentences(...sentences: readonly (string | undefined)[]): string | undefined {
  const all = sentences.filter((each) => each !== undefined);
  return all.length === 0 ? undefined : all.join(' ');
}
