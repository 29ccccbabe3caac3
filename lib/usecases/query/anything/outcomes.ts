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

/** The result of the check of a described request against the audit log. */
export interface InLog extends Partial<ShownRequests> {
  /**
   * `one-caller`: one caller made the request, or all that were asked for, and the answer is about them. `several`:
   * several callers match.
   * `similar`: there are similar requests, but the text states too little, or they differ in one feature. `none`: the
   * log covers the time and has no such request. `partly-read`: none was found, but not everything was read.
   * `not-checked`: there is no log, or none of that time.
   */
  readonly result: 'one-caller' | 'several' | 'similar' | 'none' | 'partly-read' | 'not-checked';
  /** The number of recorded requests that match the text. */
  readonly requests: number;
  /** The features in which the text and the best match are equal, named as in `request`. */
  readonly agrees: readonly Feature[];
  /** The features in which they differ. */
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
  /** Present if the record was found in an audit log. Otherwise it was made from the text. */
  readonly isStored?: true | undefined;
  /** All records that have the audit ID, if there are several. */
  readonly records?: readonly AuditRecord[] | undefined;
  /**
   * The sessions in the audit log that used an access key without a known grant, or whose credentials were obtained with a long-term
   * key. The latest comes first.
   */
  readonly used?: readonly SessionFound[] | undefined;
  /** The requests in the audit log that used the access key. Present if only an access key was looked up, and has any. */
  readonly keyUses?: KeyUses | undefined;
  /** The newest calls in CloudTrail that the access key signed, also denied ones. Present if no grant of the key is known, and there are any. */
  readonly awsCalls?: readonly TargetedAwsCall[] | undefined;
  /** The sessions in the audit log that have the role and the session name too, with access keys that no grant issued. */
  readonly unidentified?: readonly SessionFound[] | undefined;
  /** The values that the actor used for the first time in this request. Present if the request is recorded, and the actor is no program. */
  readonly firstUses?: FirstUses | undefined;
  /** The requests with which somebody can have obtained the role of a pod. Present if the actor is a pod or a service account, and there are any. */
  readonly inItsPods?: RequestsBeside | undefined;
  /** A sentence about what was not searched. */
  readonly note?: string | undefined;
  /** Present if the text describes one request. */
  readonly inLog?: InLog | undefined;
  /** The callers of recorded requests that differ from the described one in one feature. Present if the log does not have the described one. */
  readonly similar?: readonly SessionFound[] | undefined;
  readonly isComplete?: Completeness;
}

/**
 * One session of a role or a person. `from` and `to` are the times of its first and last record that was read, and `records` counts
 * them, each stage of a request. Without records, they are when the credentials were issued and expire (`validityOf`).
 */
export interface SessionFound {
  /** `AROA…:<session name>`, or `<account>:<name>` of a federated user. */
  readonly session?: string | undefined;
  readonly accessKeyId?: string | undefined;
  /** The username of the caller. Present if the session is not known, and for the cluster's own callers. */
  readonly username?: string | undefined;
  readonly role?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly records?: number | undefined;
  /** The number of requests of these records. */
  readonly requests?: number | undefined;
  /**
   * The source IPs of these records, the latest first, three at most. It is the last source IP of each record, which no
   * client writes.
   */
  readonly ips?: readonly string[] | undefined;
  /** The user agents of these records, the latest first, three at most. The client writes them. */
  readonly userAgents?: readonly string[] | undefined;
  /**
   * The values that the actor used for the first time in these requests, and in those of their other groups. Present for the first group
   * of each of the first people, if the requests match a text.
   */
  readonly firstUses?: FirstUses | undefined;
  /** The attribution, with a few candidates at most. */
  readonly attribution: KeptAttribution;
}

/**
 * Requests of one caller: of one person, if all are proven theirs, otherwise of one session. `from` and `to` are the times of the
 * first and the last one. The callers chose its texts: show them escaped.
 */
export interface RequestGroup extends Omit<SessionFound, 'records' | 'accessKeyId'> {
  readonly requests: number;
  /** The access keys of the requests, the latest first. Empty if they state none. */
  readonly accessKeyIds: readonly string[];
  /** The attribution of the latest request, with the flags of all. */
  readonly attribution: KeptAttribution;
}

/** The recorded requests of an answer, as it shows them. */
export interface ShownRequests {
  /** The requests, newest first. Absent if there are more than ten. */
  readonly listed?: readonly KeptRecord[] | undefined;
  /** The requests by caller, the latest first. */
  readonly groups: readonly RequestGroup[];
  readonly groupsLeft?: number | undefined;
}

/** Requests that are shown beside those in the answer. */
export interface RequestsBeside extends ShownRequests {
  readonly requests: number;
}

/** False if not everything was searched for the answer, so that somebody else is possible. */
export type Completeness = false | undefined;

/** One of several people whom a name means. The callers chose its texts: show them escaped. */
export interface PersonOfSessions extends ActorId, JoinedId {
  readonly name: string;
  readonly accountId?: string | undefined;
  /** The time of the latest request, or when the latest session was issued. */
  readonly last?: string | undefined;
  /** The number of listed sessions. */
  readonly sessions: number;
}

/** Sessions that ended before the time range of a question. At least one. */
export interface EarlierSessions {
  readonly sessions: readonly SessionFound[];
  /** The time of the latest request, or when the latest session was issued. Absent if no time is known. */
  readonly last?: string | undefined;
}

export interface SessionsOutcome {
  readonly kind: 'sessions';
  /** The name, if these are only sessions with that session name, not those of a person, role or username. */
  readonly sessionName?: string | undefined;
  /** Newest first. If the name means several people, each person's sessions stand together. */
  readonly sessions: readonly SessionFound[];
  /** Present if the name means several people. */
  readonly ambiguousName?: true | undefined;
  /** The people, in the order of their sessions. Present like `ambiguousName`. */
  readonly people?: readonly PersonOfSessions[] | undefined;
  /** The number of sessions that are not listed. */
  readonly left: number;
  /** The time range in which the sessions were active. Present if a name was asked for without a time. */
  readonly span?: TimeInterval | undefined;
  /** Sessions that ended before `span`. Absent if there are none. */
  readonly earlier?: EarlierSessions | undefined;
  /**
   * The requests that listed or watched a whole type of objects, so that they can have returned the one that was read. Present if the text
   * asks who read an object, and such requests succeeded. Those of the cluster itself are not in it.
   */
  readonly mayAlsoHaveRead?: RequestsBeside | undefined;
  /** The requests that were made with tokens of a pod of this name. Present if the text is about a pod, and there are any. */
  readonly ofPod?: RequestsBeside | undefined;
  /** Where the matching or similar requests were made, however many they are. It is no field of the JSON. */
  readonly places?: readonly RequestPlace[] | undefined;
  /** A sentence about what was not searched. */
  readonly note?: string | undefined;
  /** Present if the text describes one request. */
  readonly inLog?: InLog | undefined;
  /** The callers of recorded requests that differ from the described one in one feature. Present if the log does not have the described one. */
  readonly similar?: readonly SessionFound[] | undefined;
  readonly isComplete?: Completeness;
}

/** The outcome that nothing is known, with sentences that say what was not found and what to do. */
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
  /** The calls in CloudTrail that AWS refused with the message in the text. Present if CloudTrail's records were searched for them. */
  readonly deniedCalls?: readonly DeniedCall[] | undefined;
}

/** A refused call, with whoever made it by its access key. */
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

/** Returns the request as the text states it, completed from its record, for example with the cluster. */
export function requestOf(found: SubjectAnswer): RequestDetails | undefined {
  return requestDetails(completedCircumstances(found));
}

/** Returns what the text says of the request, completed from its record. */
export function completedCircumstances({ subject, outcome }: SubjectAnswer): Circumstances {
  const stated = subject.circumstances;
  const record = outcome.kind === 'attributed' ? outcome.record : undefined;
  if (record === undefined) return stated;
  const recorded = circumstancesOfRecord(record);
  if (stated.isProcessStart === true)
    return { ...recorded, ...(stated.finding !== undefined && { finding: stated.finding }) };
  const request = { ...recorded.request, ...stated.request };
  // The answer about a token is the request that issued it, which was not made with it.
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

/** Returns the subject in words, or the session name if only sessions have the name. Show it escaped. */
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

/** Returns whether the audit log has the request exactly as shown. If not, the shown details are those of the text. */
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

/** Returns the fields that say what was searched. */
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

/** Returns whether the name has sessions, in the time range of the question or before it. */
export function hasSessions({ sessions, earlier }: Pick<SessionsOutcome, 'sessions' | 'earlier'>): boolean {
  return sessions.length > 0 || earlier !== undefined;
}

export function notKnownText({ why, hint }: UnknownOutcome): string {
  return [why, hint].filter((each) => each !== undefined).join(' ');
}

/** Returns the answer with at most `most` answers, sessions and records. The rest is counted, except records. */
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

/** Returns the statuses of an answer. The most serious one is that of the whole. Listed sessions add none: they are what was asked for. */
export function statusesOf({ found }: AnythingAnswer): readonly (Status | 'not-known')[] {
  return found.flatMap(({ outcome }) => {
    if (outcome.kind === 'attributed') return outcome.attribution.status;
    if (outcome.kind === 'not-known') return 'not-known';
    return isUndecided(outcome) || outcome.ambiguousName === true ? 'ambiguous' : [];
  });
}

/** Returns whether no single one of them may be named: several could have made the request, or the log does not show it. */
export function isUndecided({ inLog, similar = [] }: SessionsOutcome): boolean {
  if (inLog === undefined || inLog.result === 'one-caller') return false;
  return inLog.result !== 'not-checked' || similar.length > 0;
}

/** Returns the outcome of one record, which may have been made from the text. */
export function ofRecord(record: AuditRecord): AttributedOutcome {
  return { kind: 'attributed', attribution: record.attribution, caller: record.caller, record };
}

/** Flags that say nothing about how an actor was found. */
export const OF_THE_EVENT: readonly Flag[] = [
  'conflicting-copies',
  'token-of-service-account',
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'impersonation',
];

/** The flags that only events show. Some change who is named. */
export const SHOWN_BY_EVENTS: readonly Flag[] = ['unusual-node-client', ...OF_THE_EVENT];

/** Returns the outcome without a name: an actor becomes a candidate. */
export function withoutName(outcome: AttributedOutcome): AttributedOutcome {
  if (outcome.attribution.actor === undefined) return outcome;
  const { actor, chain = [], use, uses, flags, provisional } = outcome.attribution;
  const candidate = { actor, chain, ...(use !== undefined && { use }), ...(uses !== undefined && { uses }) };
  const kept = flags.filter((flag) => OF_THE_EVENT.includes(flag));
  return { ...outcome, attribution: { status: 'ambiguous', provisional, flags: kept, candidates: [candidate] } };
}

/**
 * Returns the outcome if it is not known which of these requests is meant: the first one, with the actors of all requests as candidates,
 * and with those of their flags that an answer without an actor can have. If no request has an actor, returns the first one that is not by
 * the cluster itself, else the first one.
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

/** Begins a sentence about a subject without sessions. The subject and a full stop follow. */
export const NO_SESSIONS = 'No sessions found for ';

export function notKnown(why: string, hint?: string, isComplete?: Completeness): UnknownOutcome {
  return { kind: 'not-known', why, hint, isComplete };
}

/** Joins the sentences that are present. Undefined if there is none. */
export function joinSentences(...sentences: readonly (string | undefined)[]): string | undefined {
  const all = sentences.filter((each) => each !== undefined);
  return all.length === 0 ? undefined : all.join(' ');
}
