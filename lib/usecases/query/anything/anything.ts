import { type Actor, podsOfActor, sameActor } from '../../../attribution/actor.ts';
import { actorName } from '../../../attribution/actor-names.ts';
import { actionOfCaller, attribute } from '../../../attribution/attribute.ts';
import type { Attribution } from '../../../attribution/attribution.ts';
import { eitherOf } from '../../../attribution/decide.ts';
import { FLAGS } from '../../../attribution/flags.ts';
import { KnownGrants } from '../../../attribution/known-grants.ts';
import { type AuditRecord, recordedCaller } from '../../../attribution/record.ts';
import { isInstance, lastGrant } from '../../../attribution/role-of-record.ts';
import { DEFAULT_SETTINGS } from '../../../attribution/settings.ts';
import { parseCaller } from '../../../audit/caller.ts';
import { isSessionPrincipal } from '../../../claims/identity.ts';
import { mapConcurrently } from '../../../concurrency.ts';
import { isAccessKeyId, isTemporaryKey } from '../../../identity/access-key.ts';
import { accountOfArn, assumedRoleRef, isSameRole, roleRef, userName } from '../../../identity/arn.ts';
import { isSameCluster } from '../../../identity/cluster.ts';
import { serviceAccountOf } from '../../../identity/service-account.ts';
import { dashed, isInstanceId } from '../../../identity/session-name.ts';
import { textAt } from '../../../json.ts';
import { describeSubject } from '../../../recognize/describe.ts';
import type { RecognizedText } from '../../../recognize/recognition.ts';
import { recognize } from '../../../recognize/recognize.ts';
import type { CallerQuestion, Subject } from '../../../recognize/subject.ts';
import type { EpochMillis } from '../../../time.ts';
import { fewerOfAccounts, latestStages, MOST_OF_ONE_ID, sessionText } from '../../activity/requests.ts';
import { MOST_ROLE_IDS } from '../whois.ts';
import { questionOfSession } from '../whois-question.ts';
import { answerByLog, answerWithoutEvent, objectText, writtenText } from './answer-by-log.ts';
import { withCollectionReads } from './collection-reads.ts';
import { describedEvent, describedRequest } from './described-request.ts';
import type { Informant } from './informant.ts';
import { keyUsesSentence, summarizeKeyUses } from './key-uses.ts';
import {
  beforeText,
  isAccountAlone,
  isClockAlone,
  isObjectAlone,
  isOfBefore,
  requestsOfLastDay,
  spanNotes,
  withSpanNote,
} from './last-day.ts';
import { withFirstUses } from './new-in-request.ts';
import {
  type AnythingAnswer,
  type AttributedOutcome,
  type DeniedCall,
  describeFound,
  hasSessions,
  joinSentences,
  NO_SESSIONS,
  notKnown,
  OF_THE_EVENT,
  type Outcome,
  type SessionFound,
  type SubjectAnswer,
  type UnknownOutcome,
  withoutName,
} from './outcomes.ts';
import { withPodRequests, withRequestsIntoPods } from './pod-requests.ts';
import { outcomeOfAuditId } from './recorded-requests.ts';
import { elsewhereText, mostSuspiciousFirst, sessionsOfRecords, validityOf } from './sessions-of-records.ts';
import { ISSUER_UNKNOWN, tokenOrigin } from './token-answer.ts';
import { type KeylessSession, keylessSession, withUnissuedKeys } from './unissued-keys.ts';

/**
 * Returns what is known about a recognized text (lib/recognize). If it has several subjects, all are answered. If it
 * has several readings, the first one that is known is answered.
 * @param at the time of the request, if the user gives one. It replaces the time in the text.
 * @throws the informant's errors if its source cannot be reached.
 */
export async function answerAnything(
  { as, notes, subjects, events, otherReadings, reading, left }: RecognizedText,
  informant: Informant,
  at?: EpochMillis,
): Promise<AnythingAnswer> {
  const asking: AnythingQuestion = { informant, at, events };
  if (reading === 'first-known') {
    const found = await withNew(await firstKnown(subjects, asking), asking);
    return { as, notes, found: [found], isOne: true, left };
  }
  const found: SubjectAnswer[] = [];
  for (const subject of subjects.slice(0, informant.most)) {
    if (found.length > 0 && informant.isSpent === true) break;
    const others = otherReadings.get(subject);
    found.push(others === undefined ? await foundOf(subject, asking) : await firstKnown([subject, ...others], asking));
  }
  const isOne = subjects.length + left === 1;
  const [first] = found;
  const shown = isOne && first !== undefined ? [await withNew(first, asking)] : found;
  const notesOfAll = isOne ? notes : [...notes, ...spanNotes(found)];
  return { as, notes: notesOfAll, found: shown, isOne, left: left + subjects.length - found.length };
}

/**
 * Adds details to an answer if it is the only one. These are what is new in its requests and where its token was
 * requested. They are also who ran commands in its pods, and calls to AWS. With several answers, this would take too
 * many questions.
 */
async function withNew(found: SubjectAnswer, { informant, at }: AnythingQuestion): Promise<SubjectAnswer> {
  const called = await withInstanceCalls(found, informant);
  const origin = withOrigins(await withTokenOrigin(await withFirstUses(called, informant), informant));
  const outcome = await withRequestsIntoPods(origin, at ?? found.subject.circumstances.at, informant);
  return { ...found, outcome, deniedCalls: await deniedCalls(found.subject, informant) };
}

/**
 * Returns the calls that the text describes and that CloudTrail has as denied, each with its caller. Undefined if the
 * text describes none, or if the source has no CloudTrail calls.
 */
async function deniedCalls(
  { circumstances: { denial } }: Subject,
  informant: Informant,
): Promise<readonly DeniedCall[] | undefined> {
  const calls = denial && (await informant.calls({ denial }));
  return (
    calls &&
    mapConcurrently(calls.slice(0, MOST_CALLS), async (call) => {
      const { accessKeyId, principalId, at } = call;
      if (accessKeyId === undefined || informant.isSpent) return call;
      const principal = isSessionPrincipal(principalId ?? '') ? principalId : undefined;
      return { ...call, attribution: (await informant.whois({ accessKeyId, principal }, at)).attribution };
    })
  );
}

/** Returns an answer about a stored request with where the token of that request was requested. */
async function withTokenOrigin(outcome: Outcome, informant: Informant): Promise<Outcome> {
  if (outcome.kind !== 'attributed' || outcome.record === undefined || outcome.isStored !== true) return outcome;
  const origin = await tokenOrigin(outcome.record, informant);
  return origin === undefined ? outcome : { ...outcome, note: joinSentences(outcome.note, origin) };
}

/** The maximum number of sessions for which a use from another source IP is named. */
const MOST_ORIGINS = 3;

/** Returns the outcome with the listed sessions that were used from another source IP than that of their grant. */
function withOrigins(outcome: Outcome): Outcome {
  if (outcome.kind === 'not-known' || outcome.inLog !== undefined) return outcome;
  const sessions = outcome.kind === 'sessions' ? outcome.sessions : (outcome.used ?? []);
  const texts = sessions.flatMap((session) => {
    const text = elsewhereText(session);
    return text === undefined ? [] : [`${nameOfSession(session)}: ${text}`];
  });
  const left = texts.length - MOST_ORIGINS;
  const more = left > 0 ? `The same holds for ${left} more of these sessions.` : undefined;
  return { ...outcome, note: joinSentences(outcome.note, ...texts.slice(0, MOST_ORIGINS), more) };
}

/** Returns the words by which a row of a list of sessions is found. */
function nameOfSession(session: SessionFound): string {
  const { issuedAt = 'an unknown time' } = validityOf(session) ?? {};
  return session.accessKeyId ?? session.session ?? session.username ?? `The session that was issued at ${issuedAt}`;
}

interface AnythingQuestion {
  readonly informant: Informant;
  readonly at: EpochMillis | undefined;
  readonly events: RecognizedText['events'];
}

/**
 * Returns the answer about the first subject that is known. Next best is a subject that was seen only before the time
 * range, and then an unidentified caller. If none is found, the answer says why not.
 */
async function firstKnown(subjects: readonly Subject[], asking: AnythingQuestion): Promise<SubjectAnswer> {
  const tried: SubjectAnswer[] = [];
  for (const subject of subjects) {
    const found = await foundOf(subject, asking);
    const before = tried.filter(isOfBefore);
    tried.push(found);
    if (isKnown(found.outcome) && !isOfBefore(found) && !isOfOtherRequests(found))
      return withScope(await withObject(withBefore(found, before), subjects, asking), tried);
  }
  const [first] = tried;
  if (first === undefined) throw new RangeError('A recognized text has a subject.');
  const known = tried.find(isOfBefore) ?? tried.find(({ outcome }) => outcome.kind !== 'not-known');
  const answer = known ?? { ...first, outcome: noneKnown(tried) };
  return withScope(answer, tried);
}

/**
 * Returns whether the answer lists other requests of the same person, because the log does not have the described one.
 */
function isOfOtherRequests({ subject, outcome }: SubjectAnswer): boolean {
  return subject.by === 'request' && outcome.inLog?.requests === 0 && outcome.inLog.result !== 'one-caller';
}

/** Adds to an answer about a name what the log says about an object of that name (CONTRACT, 12.28). */
async function withObject(
  found: SubjectAnswer,
  subjects: readonly Subject[],
  asking: AnythingQuestion,
): Promise<SubjectAnswer> {
  const object = subjects.find(({ by, circumstances }) => by === 'request' && circumstances.request !== undefined);
  const { outcome } = found;
  if (object === undefined || found.subject.by === 'request' || outcome.kind === 'not-known') return found;
  const words = objectText(await foundOf(object, asking));
  if (words === undefined) return found;
  const chosen = `This answer is about ${describeFound(found)}.`;
  return { ...found, outcome: { ...outcome, note: joinSentences(outcome.note, chosen, words) } };
}

/** Adds to an answer that other readings of the text were seen only before its time range. */
function withBefore(found: SubjectAnswer, others: readonly SubjectAnswer[]): SubjectAnswer {
  const { outcome } = found;
  if (outcome.kind === 'not-known') return found;
  return { ...found, outcome: { ...outcome, note: joinSentences(outcome.note, ...others.map(beforeText)) } };
}

/**
 * Returns the answer, marked as incomplete if that for any tried reading is. An earlier reading may be the right one.
 */
function withScope(found: SubjectAnswer, tried: readonly SubjectAnswer[]): SubjectAnswer {
  const isCut = tried.some(({ outcome }) => outcome.isComplete === false);
  return isCut ? { ...found, outcome: { ...found.outcome, isComplete: false } } : found;
}

/** Returns one answer if no reading is known: why each one is unknown, and each hint once. */
function noneKnown(tried: readonly SubjectAnswer[]): UnknownOutcome {
  const areRequests = tried.every(({ subject }) => subject.by === 'request');
  const counting = areRequests
    ? tried.slice(0, 1)
    : tried.filter(({ subject }) => subject.by !== 'request' || subject.circumstances.credentialId !== undefined);
  const all = counting.flatMap(({ outcome }) => (outcome.kind === 'not-known' ? [outcome] : []));
  const hints = [...new Set(all.flatMap(({ hint }) => hint ?? []))];
  const distinct = hints.filter((hint) => !hints.some((other) => other !== hint && other.includes(hint)));
  return notKnown(joinWhys(all.map(({ why }) => why)), distinct.length === 0 ? undefined : distinct.join(' '));
}

/** Joins the sentences. Sentences that say that no sessions were found become one. */
function joinWhys(whys: readonly string[]): string {
  const names = whys.flatMap((why) => (why.startsWith(NO_SESSIONS) ? why.slice(NO_SESSIONS.length, -1) : []));
  if (names.length < 2) return whys.join(' ');
  const others = whys.filter((why) => !why.startsWith(NO_SESSIONS));
  return [`${NO_SESSIONS}${names.slice(0, -1).join(', ')} or ${names.at(-1)}.`, ...others].join(' ');
}

function isKnown(outcome: Outcome): boolean {
  if (outcome.kind !== 'attributed') return outcome.kind === 'sessions';
  const { status } = outcome.attribution;
  return status !== 'unattributed' && status !== 'pending';
}

async function foundOf(subject: Subject, asking: AnythingQuestion): Promise<SubjectAnswer> {
  if (subject.by === 'event-id') return lookUpEventId(subject, asking);
  return { subject, outcome: await outcomeOf(subject, asking) };
}

async function outcomeOf(subject: Exclude<Subject, { by: 'event-id' }>, asking: AnythingQuestion): Promise<Outcome> {
  const { informant, events } = asking;
  const pasted = events.get(subject);
  if (pasted === undefined) return withKeyUses(await outcomeOfText(subject, asking), subject, informant);
  const question = subject.by === 'caller' ? subject.question : undefined;
  const answer = await informant.event(pasted, question);
  if (answer.isStored === true) return answer;
  const session = question && keylessSession(question);
  const all = await withOthers(answer, session, timeOf(subject, asking), informant);
  const described = describedEvent(subject);
  return described === undefined ? all : answerWithoutEvent(all, pasted, described, informant);
}

async function outcomeOfText(
  subject: Exclude<Subject, { by: 'event-id' }>,
  asking: AnythingQuestion,
): Promise<Outcome> {
  const { informant } = asking;
  const described = describedRequest(subject, asking.at);
  const bySigns = async () => undated(await outcomeBySigns(subject, asking), subject, asking);
  if (described === undefined)
    return timeOf(subject, asking) === undefined
      ? undated(await lookUpLastDay(subject, asking), subject, asking)
      : bySigns();
  const answer =
    isObjectAlone(described) || isAccountAlone(described) || isClockAlone(described)
      ? await requestsOfLastDay(described, informant, bySigns)
      : await withCollectionReads(await answerByLog(described, informant, bySigns), described, informant);
  return withPodRequests(answer, described, informant);
}

/** Looks up a subject of a text without a time. For a name, the answer covers the last hours of the data. */
async function lookUpLastDay(
  subject: Exclude<Subject, { by: 'event-id' }>,
  asking: AnythingQuestion,
): Promise<Outcome> {
  return withSpanNote(await outcomeBySigns(subject, { ...asking, informant: asking.informant.ofLastDay() }));
}

/**
 * Returns the outcome without a single actor if the text states a time of day but no date. An outcome by access key
 * stays as it is, because a key belongs to one session at any time.
 */
function undated(outcome: Outcome, subject: Subject, { at }: AnythingQuestion): Outcome {
  const { circumstances } = subject;
  const hasKey =
    (subject.by === 'caller' ? subject.question : { accessKeyId: undefined, ...subject }).accessKeyId !== undefined;
  if (circumstances.clock === undefined || at !== undefined || hasKey || outcome.kind !== 'attributed') return outcome;
  return { ...withoutName(outcome), note: joinSentences(outcome.note, writtenText({ circumstances })) };
}

/** Looks the subject up by what the text says about the caller, without the audit log. */
async function outcomeBySigns(
  subject: Exclude<Subject, { by: 'event-id' }>,
  asking: AnythingQuestion,
): Promise<Outcome> {
  const { informant } = asking;
  const at = timeOf(subject, asking);
  switch (subject.by) {
    case 'caller':
      return withOthers(
        unlessOtherUser(await lookUpCaller(subject.question, at, informant), subject.userArn),
        keylessSession(subject.question),
        at,
        informant,
      );
    case 'session':
      return lookUpSession(subject, asking);
    case 'username':
      return lookUpUsername(subject.username, at, informant);
    case 'role':
      return orNotKnown(await informant.sessionsOfRole(subject.role, at), subject, informant);
    case 'person':
      return orNotKnown(await informant.sessionsOfPerson(subject.person, at), subject, informant);
    case 'audit-id':
      return lookUpAuditId(subject, informant);
    case 'request':
      return subject.circumstances.credentialId === undefined ? notKnown('') : notKnown(ISSUER_UNKNOWN);
  }
}

/** Adds callers in the audit log who used the same session with an access key that no grant issued. */
async function withOthers<T extends Outcome>(
  answer: T,
  session: KeylessSession | undefined,
  at: EpochMillis | undefined,
  informant: Informant,
): Promise<T | AttributedOutcome> {
  if (answer.kind !== 'attributed' || session === undefined) return answer;
  return withUnissuedKeys(answer, await informant.unissuedKeys(session, at));
}

/**
 * Looks up a caller. If the question has an access key, adds what the audit log shows. Its events state more than the
 * key alone.
 */
async function lookUpCaller(
  question: CallerQuestion,
  at: EpochMillis | undefined,
  informant: Informant,
): Promise<AttributedOutcome> {
  const answer = withAccountNote(await informant.whois(question, at));
  const { accessKeyId, uid, principal } = question;
  if (accessKeyId === undefined || uid !== undefined) return answer;
  const isOfSession = isAccessKeyId(accessKeyId) && isTemporaryKey(accessKeyId);
  if (principal !== undefined && !isOfSession) return answer;
  const found = await lookUpKeyInLog(answer, { accessKeyId, principal, isOfSession }, informant);
  if (principal !== undefined) return found;
  const { actor } = answer.attribution;
  const isOfInstance = actor !== undefined && isInstance(actor);
  if (isKnown(answer) && !isOfInstance) return found;
  return withCalls(found, accessKeyId, informant, isKnown(answer) ? undefined : callsElsewhere(accessKeyId));
}

/**
 * Adds what the audit log shows about an access key.
 * @param key the key. It was looked up alone, or it is a temporary key that was looked up with its session.
 */
async function lookUpKeyInLog(
  answer: AttributedOutcome,
  key: { readonly accessKeyId: string; readonly principal: string | undefined; readonly isOfSession: boolean },
  informant: Informant,
): Promise<AttributedOutcome> {
  const { accessKeyId, principal, isOfSession } = key;
  const isOfText = ({ caller }: AuditRecord) => principal === undefined || sessionText(caller) === principal;
  const { records: newest, isComplete } = await informant.recordsOfKey(accessKeyId);
  const read = await informant.withFlaggedOfKey(accessKeyId);
  const records = read.records.filter(isOfText);
  const [latest] = records;
  const unusual = records.find(({ attribution: { flags } }) => flags.includes('unusual-node-client'));
  const found = read.isComplete || unusual !== undefined ? answer : unlessOfNode(answer);
  if (latest === undefined) return isOfSession ? found : lookUpLongTermKey(found, accessKeyId, informant);
  const withUses = { ...found, keyUses: summarizeKeyUses(newest.filter(isOfText), isComplete) };
  if (isKnown(answer) && unusual === undefined) return withFlagsOf(records, withUses);
  const { attribution, caller } = unusual ?? latest;
  const note = joinSentences(found.note, issuedToText(answer));
  return { ...withUses, attribution, caller, used: mostSuspiciousFirst(sessionsOfRecords(records)), note };
}

/**
 * Returns the answer as incomplete, because requests with the key may have flags that were not read. The answer about a
 * node's key also loses the node's name (CONTRACT, 13.7).
 */
function unlessOfNode(answer: AttributedOutcome): AttributedOutcome {
  const { actor } = answer.attribution;
  const isOfNode = actor !== undefined && isInstance(actor);
  const note = joinSentences(FLAGS_UNREAD, isOfNode ? PERHAPS_NOT_NODE : undefined, answer.note);
  return { ...(isOfNode ? withoutName(answer) : answer), note, isComplete: false };
}

const FLAGS_UNREAD =
  'This access key has so many requests that not all of them were read, so there may be more flags than these.';
const PERHAPS_NOT_NODE = 'Somebody other than the node may have used the key.';

/** The maximum number of CloudTrail calls that an answer shows. */
const MOST_CALLS = 20;

/**
 * Adds the CloudTrail calls with a key of an instance, or with a key that no known grant issued. Denied
 * calls are often all that is known about such a key. Stolen credentials of an instance are used from another source
 * IP. If the source keeps no calls, adds a sentence on how to find them.
 */
async function withCalls(
  answer: AttributedOutcome,
  accessKeyId: string,
  informant: Informant,
  elsewhere: string | undefined,
): Promise<AttributedOutcome> {
  const calls = await informant.calls({ accessKeyId });
  if (calls === undefined) return { ...answer, note: joinSentences(answer.note, elsewhere) };
  if (calls.length === 0) return answer;
  const more = calls.length - MOST_CALLS;
  const note = more > 0 ? `CloudTrail has ${more} more calls with this access key.` : undefined;
  return { ...answer, awsCalls: calls.slice(0, MOST_CALLS), note: joinSentences(answer.note, note) };
}

/** The maximum number of access keys of an instance whose calls are counted. */
const MOST_KEYS = 5;

/**
 * Adds how many calls to AWS the sessions of an instance made, and from which source IPs. Calls from a source IP that
 * is not the instance's can mean that its credentials were stolen.
 */
async function withInstanceCalls({ subject, outcome }: SubjectAnswer, informant: Informant): Promise<Outcome> {
  if (outcome.kind !== 'sessions' || subject.by !== 'username' || !isInstanceId(subject.username)) return outcome;
  const roles = new Set(outcome.sessions.flatMap(({ role }) => role ?? []));
  const keys = [...new Set(outcome.sessions.flatMap(({ accessKeyId }) => accessKeyId ?? []))];
  const places: string[] = [];
  let elsewhere: string | undefined;
  for (const key of keys.slice(0, MOST_KEYS)) {
    const called = await informant.calls({ accessKeyId: key });
    if (called === undefined) elsewhere = callsElsewhere(key);
    places.push(...(called ?? []).map(({ sourceIp = 'an unknown address' }) => sourceIp));
  }
  const counts = [...Map.groupBy(places, (place) => place)].map(([place, { length }]) => `${length} from ${place}`);
  const role = roles.size === 0 ? undefined : `Role: ${[...roles].join(', ')}.`;
  const calls = counts.length === 0 ? undefined : `Calls to AWS with these access keys: ${counts.join(', ')}.`;
  return { ...outcome, note: joinSentences(outcome.note, role, calls, elsewhere) };
}

function callsElsewhere(accessKeyId: string): string {
  return `The service keeps no calls to AWS. To see those of this access key, also denied ones, ask CloudTrail: eks-whois ${accessKeyId}, or over its files: eks-whois ${accessKeyId} --cloudtrail FILES.`;
}

/** Adds to an answer about the role session of a pod that anybody in the pod can have used it. */
function withAccountNote(answer: AttributedOutcome): AttributedOutcome {
  const { actor } = answer.attribution;
  const pods = actor && podsOfActor(actor);
  if (pods === undefined) return answer;
  return { ...answer, note: joinSentences(answer.note, pods.pod === undefined ? IN_ITS_PODS : IN_THE_POD) };
}

const IN_ITS_PODS =
  'This is a service account of a cluster, not a person. Programs in its pods have its role, and so does whoever runs commands in one of them.';
const IN_THE_POD =
  'This is a pod of a cluster, not a person. Programs in it have its role, and so does whoever runs commands in it.';

/**
 * Returns a sentence that says to which AWS service a node's key was issued. Such a key does not prove that the node
 * itself used it (CONTRACT, 6.17).
 */
function issuedToText({ attribution: { actor } }: AttributedOutcome): string | undefined {
  if (actor?.kind !== 'aws-service') return undefined;
  return `CloudTrail shows this access key being issued to ${actorName(actor)}, not to a person.`;
}

/**
 * Adds the uses of an access key that the text states beside its caller. The answer is still about the caller, because
 * the log may have the key in another session.
 */
async function withKeyUses(outcome: Outcome, subject: Subject, informant: Informant): Promise<Outcome> {
  const accessKeyId = keyOf(subject);
  if (accessKeyId === undefined || outcome.kind === 'not-known' || informant.isSpent) return outcome;
  if (outcome.kind === 'attributed' && outcome.keyUses !== undefined) return outcome;
  const { records, isComplete } = await informant.recordsOfKey(accessKeyId);
  const keyUses = summarizeKeyUses(records, isComplete);
  if (keyUses === undefined) return outcome;
  if (outcome.kind === 'sessions')
    return { ...outcome, note: joinSentences(outcome.note, keyUsesSentence(accessKeyId, keyUses)) };
  const answer = { ...outcome, keyUses };
  if (!isKnown(answer))
    return withCalls(
      { ...answer, used: sessionsOfRecords(records) },
      accessKeyId,
      informant,
      callsElsewhere(accessKeyId),
    );
  if (answer.record !== undefined) return answer; // A recorded request has its own flags.
  const read = await informant.withFlaggedOfKey(accessKeyId);
  return withFlagsOf(read.records, read.isComplete ? answer : unlessOfNode(answer));
}

function keyOf(subject: Subject): string | undefined {
  if (subject.by === 'session') return subject.accessKeyId;
  return subject.by === 'caller' ? subject.question.accessKeyId : undefined;
}

/**
 * Adds the sessions in the audit log whose credentials this key requested. If there are none, says how to find the
 * key's user.
 */
async function lookUpLongTermKey(
  answer: AttributedOutcome,
  accessKeyId: string,
  informant: Informant,
): Promise<AttributedOutcome> {
  if (!isKnown(answer))
    return withGranted({ ...answer, note: joinSentences(answer.note, LONG_TERM) }, accessKeyId, informant);
  const { actor } = answer.attribution;
  const read = actor && (await informant.recordsObtainedWith(accessKeyId, actor));
  if (read === undefined || read.records.length === 0) return withGranted(answer, accessKeyId, informant);
  const note = read.isComplete ? undefined : `Only their newest ${read.examined} requests were searched for sessions.`;
  const used = mostSuspiciousFirst(sessionsOfRecords(read.records));
  return { ...answer, used, note: joinSentences(answer.note, note) };
}

/**
 * Adds the sessions whose credentials this key requested, as grants state them. The audit log has no requests of these
 * sessions.
 */
async function withGranted(
  answer: AttributedOutcome,
  accessKeyId: string,
  informant: Informant,
): Promise<AttributedOutcome> {
  const { sessions = [], note } = (await informant.grantsObtainedWith(accessKeyId)) ?? {};
  return sessions.length === 0 ? answer : { ...answer, used: sessions, note: joinSentences(answer.note, note) };
}

/**
 * Adds the flags of the actor's requests with the key. Some are seen only in events: for example, that a session acts
 * as a node.
 */
function withFlagsOf(records: readonly AuditRecord[], answer: AttributedOutcome): AttributedOutcome {
  const { attribution } = answer;
  const own = records.filter((record) => isSameAnswer(record.attribution, attribution));
  const raised = new Set(own.flatMap((record) => record.attribution.flags));
  const flags = FLAGS.filter(
    (flag) => attribution.flags.includes(flag) || (OF_THE_EVENT.includes(flag) && raised.has(flag)),
  );
  return { ...answer, attribution: { ...attribution, flags } };
}

/**
 * The note for a long-term key. Sources: STS API Reference, "GetAccessKeyInfo"; IAM API Reference,
 * "GetAccessKeyLastUsed".
 */
const LONG_TERM =
  'A key that begins with AKIA is a long-term key of an IAM user or the root user: no grant issues it. To find its account, run ' +
  '`aws sts get-access-key-info --access-key-id KEY`. To find its user, run `aws iam get-access-key-last-used --access-key-id KEY` in that account.';

function timeOf({ circumstances }: Subject, { at }: AnythingQuestion): EpochMillis | undefined {
  return at ?? circumstances.at;
}

type SessionSubject = Extract<Subject, { by: 'session' }>;

/**
 * Looks up a session by its ARN. A role that was created again has a new ID, so the session can belong to any ID of
 * the role. If the IDs lead to different actors, the answer names no single one.
 */
async function lookUpSession(subject: SessionSubject, asking: AnythingQuestion): Promise<Outcome> {
  const { informant } = asking;
  const { searched, answers, left } = await answersOfIds(subject, asking);
  const known = answers.filter(isKnown);
  const [first, ...others] = known;
  if (first === undefined && answers.length === 0 && subject.accessKeyId !== undefined)
    return lookUpKeyBesideArn(subject, subject.accessKeyId, asking);
  if (first === undefined) {
    const last = answers.at(-1);
    if (last !== undefined) return { ...last, ...left };
    const { name, session = name } = informant.elsewhere;
    return notKnown(`The role ${subject.role} was not found.`, session, left.isComplete);
  }
  const keyless =
    subject.accessKeyId === undefined ? { ...subject, owners: searched, username: subject.arn } : undefined;
  const withKeys = (answer: AttributedOutcome) => withOthers(answer, keyless, timeOf(subject, asking), informant);
  if (others.every(({ attribution }) => isSameAnswer(attribution, first.attribution)))
    return withKeys({ ...first, ...left, note: joinSentences(first.note, left.note) });
  const settled = known.every(({ attribution }) => !attribution.provisional);
  const caller = parseCaller({ username: subject.arn });
  const { attribution } = eitherOf(actionOfCaller(caller, 'any'), known, { ...NOTHING_KNOWN, settled });
  return withKeys({
    ...first,
    attribution,
    note: joinSentences(`The role was created again under its name. Its IDs: ${searched.join(', ')}.`, left.note),
    isComplete: left.isComplete,
  });
}

/** Looks up the session under each ID of the role. Also returns what to add to the answer if the role has more IDs. */
async function answersOfIds(subject: SessionSubject, asking: AnythingQuestion) {
  const { informant } = asking;
  const { ids, isComplete } = await informant.roleIds({ arn: subject.role, session: subject.arn });
  const searched = ids.slice(0, MOST_ROLE_IDS);
  const answers: AttributedOutcome[] = [];
  for (const roleId of searched) {
    const question = questionOfSession(subject, roleId);
    const answer = await informant.whois(question, timeOf(subject, asking));
    if (isOfOtherRole(answer, subject)) continue;
    answers.push(question.principal === undefined ? unlessOtherSession(answer, subject) : answer);
  }
  const hasMore = searched.length < ids.length || !isComplete;
  return { searched, answers, left: hasMore ? { isComplete: false as const, note: MORE_IDS } : {} };
}

const MORE_IDS =
  'Events state more IDs of this role than were looked up. Whoever forges events can invent IDs. IDs that a grant states for the role were looked up first.';

/**
 * Returns whether a grant shows that the session belongs to another role. Whoever forges events can put any ID beside
 * the role's ARN.
 */
function isOfOtherRole({ attribution }: AttributedOutcome, { role }: SessionSubject): boolean {
  const [granted, wanted] = [roleRef(lastGrant(attribution.chain)?.roleArn), roleRef(role)];
  return granted !== undefined && wanted !== undefined && !isSameRole(granted, wanted);
}

/** Looks up the access key beside the ARN of a session whose role is not known. */
async function lookUpKeyBesideArn(
  subject: SessionSubject,
  accessKeyId: string,
  asking: AnythingQuestion,
): Promise<AttributedOutcome> {
  return unlessOtherSession(await lookUpCaller({ accessKeyId }, timeOf(subject, asking), asking.informant), subject);
}

/**
 * Returns the answer about the access key of a session. If the key's grant did not issue this session, the answer names
 * no single caller. When names are compared, `@` equals `-`, because the session name may come from a username.
 */
function unlessOtherSession(
  answer: AttributedOutcome,
  { arn, sessionName, accessKeyId }: SessionSubject,
): AttributedOutcome {
  if (accessKeyId === undefined) return answer;
  const grant = lastGrant(answer.attribution.chain);
  const [granted, stated] = [roleRef(grant?.roleArn), assumedRoleRef(arn)];
  const isOfRole = granted !== undefined && stated !== undefined && isSameRole(granted, stated);
  if (isOfRole && dashed(grant?.sessionName ?? '') === dashed(sessionName)) return answer;
  return { ...withoutName(answer), note: joinSentences(keyOfOther('session'), answer.note) };
}

/**
 * Returns the answer about an access key that the text states beside a user's ARN. It names no single caller unless the
 * key leads to this user, or the caller is the federated user of the ARN.
 */
function unlessOtherUser(answer: AttributedOutcome, userArn: string | undefined): AttributedOutcome {
  const { actor } = answer.attribution;
  if (userArn === undefined || actor === undefined) return answer;
  if (isUserOfArn(actor, userArn) || textAt({ ...answer.caller }, 'arn') === userArn) return answer;
  return { ...withoutName(answer), note: joinSentences(keyOfOther('user'), answer.note) };
}

/** Returns whether the actor is the IAM user or root user of the ARN. */
function isUserOfArn({ kind, arn, accountId, name }: Actor, userArn: string): boolean {
  if (arn !== undefined) return arn === userArn;
  if (accountId === undefined || accountId !== accountOfArn(userArn)) return false;
  return kind === 'root' ? userArn.endsWith(':root') : kind === 'iam-user' && name === userName(userArn);
}

function keyOfOther(stated: 'session' | 'user'): string {
  return `No record shows that the access key belongs to the ${stated} that the text states. So whoever the key leads to is at most a candidate.`;
}

function isSameAnswer(one: Pick<Attribution, 'actor'>, other: Pick<Attribution, 'actor'>): boolean {
  return one.actor !== undefined && other.actor !== undefined && sameActor(one.actor, other.actor);
}

const NOTHING_KNOWN = { index: new KnownGrants(), settings: DEFAULT_SETTINGS, settled: true };

/**
 * Looks up a username. The answer for a caller of the cluster itself, such as a node, also lists others who are known
 * to have used its name.
 */
async function lookUpUsername(username: string, at: EpochMillis | undefined, informant: Informant): Promise<Outcome> {
  const own = actsAsItself(username);
  if (own === undefined) return informant.ofUsername(username, at);
  const others = await informant.othersAs(username, at);
  if (!hasSessions(others))
    return { ...own, note: joinSentences(aboutAccount(username), others.note), isComplete: others.isComplete };
  return { ...others, note: joinSentences(OTHERS, others.note) };
}

/** The note for the username of a service account. Source: Kubernetes, "Service Accounts". */
const ACCOUNT =
  'A service account is the identity of programs in pods, not a person. To see which pod made a request and who may have acted through it, run eks-whois related AUDIT-ID.';

function aboutAccount(username: string): string | undefined {
  return serviceAccountOf(username) === undefined ? undefined : ACCOUNT;
}

const OTHERS =
  'These sessions used this username, impersonated it or requested tokens for it. Requests of the service account, node or component itself are not listed.';

/**
 * The group of all requests without authentication. It is not a username. Source: Kubernetes, "Authenticating",
 * anonymous requests.
 */
const ANONYMOUS_GROUP = 'system:unauthenticated';

function actsAsItself(username: string): AttributedOutcome | undefined {
  const caller = parseCaller({ username: username === ANONYMOUS_GROUP ? 'system:anonymous' : username });
  if (caller.kind === 'kubernetes-user') return undefined;
  const { attribution } = attribute(actionOfCaller(caller, 'any'), NOTHING_KNOWN);
  return { kind: 'attributed', attribution, caller: recordedCaller(caller) };
}

const TOO_MANY =
  'Too many records have this audit ID to sort them by time. The client chooses the audit ID, so any of them can be the one that you want.';
const NOT_ALL_OF_ID = 'Different accounts sent requests with this audit ID, and not all of these were searched.';
const SAY_WHICH =
  'Paste the event itself, or list its records for a time range: eks-whois records --audit-id ID --from TIME --to TIME.';

const IN_OTHER_CLUSTERS =
  'Requests in other clusters have this audit ID too: whoever makes a request chooses it. List all of them with eks-whois records --audit-id.';
const ONLY_IN_OTHERS =
  'No request in the cluster that the text states has this audit ID. This one was made in another cluster.';

/**
 * Looks up an audit ID. If the text states the ARN of the cluster, the requests in this cluster decide alone: other accounts can copy the
 * ID, but no event that they hand over is of this cluster (CONTRACT, 9.10).
 */
async function lookUpAuditId(
  { auditId, circumstances }: Extract<Subject, { by: 'audit-id' }>,
  informant: Informant,
): Promise<Outcome> {
  const read = await informant.recordsOf(auditId);
  if (read === 'too-many') return notKnown(TOO_MANY, SAY_WHICH, false);
  const own = read.records.filter(
    ({ clusterArn }) => clusterArn !== undefined && clusterArn === circumstances.clusterArn,
  );
  const isOfOthers =
    read.records.length > 0 && read.records.every((record) => isSameCluster(circumstances, record) === false);
  const [note, records] =
    own.length > 0
      ? [own.length < read.records.length ? IN_OTHER_CLUSTERS : undefined, own]
      : [isOfOthers ? ONLY_IN_OTHERS : undefined, read.records];
  const [latest, ...others] = fewerOfAccounts(latestStages(records), MOST_OF_ONE_ID);
  if (latest === undefined) return notKnown('No record has this audit ID.', informant.elsewhere.auditId);
  const shared = records.length > 1 ? { records: fewerOfAccounts(records, MOST_OF_ONE_ID) } : {};
  const outcome = outcomeOfAuditId([latest, ...others]);
  return {
    ...outcome,
    note: joinSentences(outcome.note, note, read.isComplete ? undefined : NOT_ALL_OF_ID),
    record: latest,
    isStored: true,
    ...shared,
    ...(!read.isComplete && { isComplete: false }),
  };
}

/** Fetches the CloudTrail record with this ID, and answers as if the user had pasted the record. */
async function lookUpEventId(
  subject: Extract<Subject, { by: 'event-id' }>,
  asking: AnythingQuestion,
): Promise<SubjectAnswer> {
  const { informant } = asking;
  const record = await informant.trailRecord(subject.eventId);
  if (record === undefined)
    return {
      subject,
      outcome: notKnown('No CloudTrail record with this event ID was found.', informant.elsewhere.eventId),
    };
  const recognized = recognize(JSON.stringify(record));
  const [named] = recognized.outcome === 'subjects' ? recognized.subjects : [];
  if (named !== undefined && named.by !== 'event-id')
    return { subject: named, outcome: await outcomeOf(named, asking) };
  return {
    subject,
    outcome: notKnown('The CloudTrail record with this event ID names no caller to look up.'),
  };
}

function orNotKnown(outcome: Extract<Outcome, { kind: 'sessions' }>, subject: Subject, informant: Informant): Outcome {
  if (hasSessions(outcome)) return outcome;
  const hint = outcome.note ?? informant.elsewhere.name;
  return notKnown(`${NO_SESSIONS}${describeSubject(subject)}.`, hint, outcome.isComplete);
}
