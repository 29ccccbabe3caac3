import type { Actor } from '../../attribution/actor.ts';
import { filedName } from '../../attribution/actor-names.ts';
import { isTokenOf } from '../../audit/issued-token.ts';
import { isLong, sessionOf } from '../../claims/identity.ts';
import { type KeptRecord, shortenRecord } from '../../claims/kept-record.ts';
import type { ClusterChange } from '../../cloudtrail/cluster-change.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import { clusterHome, isSameCluster, senderOf } from '../../identity/cluster.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis, formatInstant, HOUR, MINUTE } from '../../time.ts';
import { fewerInTurns } from '../../turns.ts';
import { requestsFrom } from '../activity/request-source.ts';
import { canBePersons, millisOf, type Request, requestIdentity, requestsOf, timeOf } from '../activity/requests.ts';
import { type ChangeRow, homeOf } from '../changes/changes.ts';
import { isInRange, type RecordsQuestion } from '../query/question.ts';
import { kindOf } from './origin.ts';
import { podAndTokens } from './pod.ts';
import { usesOfPods } from './pod-uses.ts';
import type {
  ClusterChangesAround,
  PodOfRequest,
  RelatedAnswer,
  RelatedCandidate,
  RelatedToRequest,
  ServiceAccountTokens,
  SessionAround,
} from './related-answer.ts';
import type { RelatedSource } from './related-source.ts';
import { usesOfToken } from './token-uses.ts';

/** Limits the rows of each list. The command `records` shows more. */
export const MOST_RELATED = 50;
/**
 * Limits the requests of one audit ID that are shown in full. The accounts take turns. A client can use an audit ID
 * thousands of times.
 */
const MOST_REQUESTS = 5;
/** How long before and after the given time is searched, in milliseconds. */
const ABOUT = 5 * MINUTE;

/** Which requests to answer about. */
export interface RelatedRequest {
  readonly auditId: AuditId;
  /** Selects the requests around that time. Without it, the newest are selected. */
  readonly at?: EpochMillis | undefined;
}

/**
 * Returns what belongs to each request with the audit ID. Undefined if there is no such request. It never reads more
 * than for one request. If the ID has several requests, they share the limits.
 * @param most the maximum number of rows of each list.
 * @throws QuestionError if the records lie in more places than can be read at once. Also throws the source's errors.
 */
export async function related(
  request: RelatedRequest,
  source: RelatedSource,
  most = MOST_RELATED,
): Promise<RelatedAnswer | undefined> {
  const { auditId } = request;
  const { records, isComplete } = await source.ofAuditId(auditId, timesOf(request));
  const requests = requestsOf(records);
  if (requests.length === 0) return undefined;
  const shown = fewerInTurns(requests, ({ record }) => [senderOf(record)], MOST_REQUESTS);
  const answers: RelatedToRequest[] = [];
  for (const request of shown) answers.push(await relatedTo(request, sharedBy(shown.length, source), most));
  const left = requests.length - answers.length;
  return {
    auditId,
    requests: answers,
    requestsLeftOut: left > 0 ? left : undefined,
    ...(!isComplete && { hasMore: true }),
  };
}

function timesOf({ at }: RelatedRequest): TimeRange {
  return at === undefined ? {} : { from: epochMillis(at - ABOUT), to: epochMillis(at + ABOUT) };
}

/** Returns whether a record, or its head, belongs to the selected requests. */
export function isRequested(record: Pick<KeptRecord, 'auditId' | 'time'>, request: RelatedRequest): boolean {
  return record.auditId === request.auditId && isInRange(record, timesOf(request));
}

function sharedBy(requests: number, source: RelatedSource): RelatedSource {
  const share = (most = 0) => Math.ceil(most / requests);
  return { ...source, read: (queries) => source.read(queries.map((each) => ({ ...each, most: share(each.most) }))) };
}

async function relatedTo(
  { record, stages }: Request<KeptRecord>,
  source: RelatedSource,
  most: number,
): Promise<RelatedToRequest> {
  const at = timeOf(record);
  const own = { stages: stages.map(shortenRecord), candidates: [] };
  if (at === undefined) return { ...own, notKnown: [NO_TIME] };
  const around = await sessionAround(record, at, source);
  const inPod = await podAndTokens(record, at, source);
  const used = await usesOfToken(record, at, source);
  const created = await usesOfPods(record, at, source);
  const { pod, serviceAccount, notKnown = [] } = inPod ?? {};
  const clusterChanges = await changesAround(record, at, source);
  const [session, tokenUses, podUses] = [around?.session, used?.tokenUses, created?.podUses];
  const whole = { ...own, session, serviceAccount, tokenUses, podUses, pod, clusterChanges };
  const shown = shortenedRequest({ ...whole, notKnown: [] }, most);
  const isComplete = [around, inPod, used, created].every((found) => found?.isComplete !== false);
  return {
    ...shown,
    candidates: candidatesOf(record, shown),
    notKnown: [
      ...sessionNotKnown(shown.session, around?.isComplete === true),
      ...(inPod !== undefined && pod === undefined ? [NO_POD] : []),
      ...notKnown,
      ...(used?.notKnown ?? []),
      ...(created?.notKnown ?? []),
    ],
    ...(!isComplete && { complete: false }),
  };
}

function sessionNotKnown(session: SessionAround | undefined, isComplete: boolean): readonly string[] {
  if (session === undefined) return [NO_SESSION];
  const isShared = session.accessKeyId === undefined && session.requests.some(({ caller }) => caller.accessKeyId);
  return [...(isComplete ? [] : [CUT_SESSION]), ...(isShared ? [NO_KEY] : [])];
}

const NO_TIME = 'The request has no readable time, so requests around it cannot be found.';
const NO_SESSION = 'The caller has no session of its own, so other requests with the same credentials are not known.';
const CUT_SESSION = 'The session made too many requests in that half hour: not all were searched.';
const NO_KEY = 'The request has no access key, so the list can include requests of other sessions with the same name.';
const NO_POD =
  'The audit event does not state which pod made the request. The service account token is not bound to a pod (kubectl create token), or the cluster is older than Kubernetes 1.30.';

/** How long before and after the request is searched, in milliseconds. */
export const AROUND = 15 * MINUTE;
/** Limits the records of one session that are read. A session with more in half an hour is a program. */
const MOST_EXAMINED = 5_000;

interface SessionQuery extends Pick<SessionAround, 'name' | 'by'> {
  /** The value for the question's filter. */
  readonly value: string;
}

/**
 * Returns the question for the session's requests. Undefined if the caller has neither a session nor a direct actor.
 */
function sessionQueryOf({ caller, attribution }: KeptRecord): SessionQuery | undefined {
  const session = sessionOf({ ...caller, userId: caller.uid?.split(':').at(-1) });
  if (session !== undefined && !isLong(session)) return { name: session, by: 'session', value: session };
  if (attribution.method !== 'direct') return undefined;
  const { id } = attribution.actor;
  return { name: filedName(attribution.actor) ?? id, by: 'actor', value: id };
}

/** Returns the session's other requests shortly before and after. */
async function sessionAround(
  record: KeptRecord,
  at: EpochMillis,
  source: RelatedSource,
): Promise<{ readonly session: SessionAround; readonly isComplete: boolean } | undefined> {
  const query = sessionQueryOf(record);
  if (query === undefined) return undefined;
  const { value, ...by } = query;
  const [from, to] = [epochMillis(at - AROUND), epochMillis(at + AROUND)];
  const filter = { [by.by]: { any: [value] } };
  const question: RecordsQuestion = { filter, range: { from, to } };
  const { records, isComplete } = await requestsFrom(source, question, MOST_EXAMINED);
  const own = requestIdentity(record);
  const others = records
    .filter((other) => requestIdentity(other) !== own)
    .toSorted((a, b) => Number(canBePersons(b)) - Number(canBePersons(a)) || distance(a, at) - distance(b, at));
  const { accessKeyId } = record.caller;
  const isSame = ({ caller }: KeptRecord) => accessKeyId === undefined || caller.accessKeyId === accessKeyId;
  const otherKeys = others.filter((other) => !isSame(other)).map(shortenRecord);
  const session: SessionAround = {
    ...by,
    accessKeyId,
    from: formatInstant(from),
    to: formatInstant(to),
    requests: others.filter(isSame).map(shortenRecord),
    ...(otherKeys.length > 0 && { otherKeys }),
  };
  return { session, isComplete };
}

function distance(record: KeptRecord, at: EpochMillis): number {
  return Math.abs((timeOf(record) ?? Number.POSITIVE_INFINITY) - at);
}

/** How long before and after the request changes of the cluster are included, in milliseconds. */
const CHANGES_AROUND = HOUR;

/** Returns the changes of the request's cluster shortly before and after, the nearest first. */
async function changesAround(
  record: KeptRecord,
  at: EpochMillis,
  source: RelatedSource,
): Promise<ClusterChangesAround> {
  const range = { from: epochMillis(at - CHANGES_AROUND), to: epochMillis(at + CHANGES_AROUND) };
  const isWanted = (change: ClusterChange) => isSameCluster(record, homeOf(change)) !== false;
  const { changes, note } = await source.changes(range, isWanted, clusterHome(record).accountId);
  const awayOf = ({ time }: ChangeRow) => Math.abs((millisOf(time) ?? at) - at);
  return {
    from: formatInstant(range.from),
    to: formatInstant(range.to),
    changes: changes.toSorted((a, b) => awayOf(a) - awayOf(b)),
    ...(note !== undefined && { note }),
  };
}

/** A reason why a record's caller is a candidate. */
interface Hint {
  readonly record: KeptRecord;
  readonly reason: string;
}

/** Limits the reasons for one candidate, because more of them add nothing. */
const MOST_REASONS = 10;

/**
 * Returns the people who may be behind a service account's request, each once. First come those who entered its pod
 * before, then those who have its token. Last come those who created or changed its origin.
 */
function candidatesOf(
  request: KeptRecord,
  { pod, serviceAccount: account }: Pick<RelatedToRequest, 'pod' | 'serviceAccount'>,
): readonly RelatedCandidate[] {
  const hints = [...entryHints(pod), ...tokenHints(request, account), ...changeHints(pod), ...originHints(pod)];
  const byPerson = Map.groupBy(
    hints.filter(({ record }) => canBePersons(record)),
    ({ record }) => personKey(record),
  );
  return [...byPerson.values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const kept = of.slice(0, MOST_REASONS);
    const evidence = [...new Set(kept.map(({ record }) => record.auditId))];
    return [{ ...nameOf(first.record), reasons: [...new Set(kept.map(({ reason }) => reason))], evidence }];
  });
}

const WORDS: Readonly<Record<string, string>> = {
  exec: 'ran a command in the pod (pods/exec)',
  attach: 'attached to the pod (pods/attach)',
  portforward: 'forwarded a port of the pod (pods/portforward)',
  ephemeralcontainers: 'added a container to the pod (pods/ephemeralcontainers)',
};

function entryHints(pod: PodOfRequest | undefined): Hint[] {
  const before = (pod?.entries ?? []).filter(({ afterRequest }) => afterRequest !== true);
  const surestFirst = before.toSorted((a, b) => Number(a.mayBeOfAnother ?? false) - Number(b.mayBeOfAnother ?? false));
  return surestFirst.map(({ record, mayBeOfAnother }) => {
    const words = WORDS[record.request?.subresource ?? ''] ?? 'entered the pod';
    const doubt = mayBeOfAnother ? '; it may have been an earlier pod with this name' : '';
    return { record, reason: `${words} at ${record.time ?? 'an unknown time'}${doubt}` };
  });
}

/**
 * Returns the hints from tokens. If it is known which token made the request, only that one counts. Tokens that were
 * issued later never count.
 */
function tokenHints(request: KeptRecord, account: ServiceAccountTokens | undefined): Hint[] {
  const isKnown = isTokenOf(request.caller);
  const at = timeOf(request);
  const isBefore = (record: KeptRecord) => (timeOf(record) ?? 0) <= (at ?? Number.POSITIVE_INFINITY);
  const tokens = (account?.tokens ?? []).filter(({ used, record }) => used === true || (!isKnown && isBefore(record)));
  return tokens.map(({ record, used }) => {
    const issued = record.time ?? 'an unknown time';
    const reason = used
      ? `received the token that this request used, at ${issued}`
      : `received a token of the service account at ${issued}; which token this request used is not known`;
    return { record, reason };
  });
}

function changeHints(pod: PodOfRequest | undefined): Hint[] {
  const isProven = (record: KeptRecord) =>
    (pod?.origin ?? []).some(
      ({ foundBy, kind, name }) => foundBy === 'uid' && kind === kindOf(record) && name === record.request?.name,
    );
  return (pod?.changes ?? []).map((record) => {
    const doubt = isProven(record) ? '' : ' (matched by name only)';
    const what = `${record.request?.resource ?? 'it'}/${record.request?.name ?? '?'}`;
    const reason = `changed ${what}, from which the pod was created${doubt}, at ${record.time ?? 'an unknown time'}`;
    return { record, reason };
  });
}

function originHints(pod: PodOfRequest | undefined): Hint[] {
  return (pod?.origin ?? []).flatMap(({ created, kind, name, foundBy }) => {
    if (created === undefined) return [];
    const what =
      kind === 'Pod' ? 'the pod' : `the ${kind} ${name ?? '(without a name)'}, from which the pod was created`;
    return [{ record: created, reason: `created ${what}${foundBy === 'name' ? ' (matched by name only)' : ''}` }];
  });
}

/** Returns a key that is equal for records of one person, as far as the records show it. */
function personKey(record: KeptRecord): string {
  const { actor, oneOf, username } = nameOf(record);
  const key = ({ id, workload }: Actor) => [id, workload];
  if (actor !== undefined) return JSON.stringify(key(actor));
  return JSON.stringify([oneOf?.map(key), username, record.caller.uid]);
}

function nameOf({ attribution, caller }: KeptRecord): Pick<RelatedCandidate, 'actor' | 'oneOf' | 'username'> {
  if (attribution.actor !== undefined) return { actor: attribution.actor };
  const { username } = caller;
  return attribution.status === 'ambiguous'
    ? { oneOf: attribution.candidates.map(({ actor }) => actor), username }
    : { username };
}

/** Returns the answer with at most `most` rows in each list. The others are counted. */
export function shortenedRelated(answer: RelatedAnswer, most: number): RelatedAnswer {
  return { ...answer, requests: answer.requests.map((each) => shortenedRequest(each, most)) };
}

function shortenedRequest(
  { session, serviceAccount, tokenUses, podUses, pod, clusterChanges, ...rest }: RelatedToRequest,
  most: number,
): RelatedToRequest {
  return {
    ...rest,
    clusterChanges: clusterChanges && {
      ...clusterChanges,
      changes: clusterChanges.changes.slice(0, most),
      leftOut: leftOut(clusterChanges.leftOut, most, clusterChanges.changes),
    },
    session: session && shortenedSession(session, most),
    serviceAccount: serviceAccount && {
      ...serviceAccount,
      tokens: serviceAccount.tokens.slice(0, most),
      leftOut: leftOut(serviceAccount.leftOut, most, serviceAccount.tokens),
    },
    tokenUses: tokenUses && {
      ...tokenUses,
      requests: tokenUses.requests.slice(0, most),
      leftOut: leftOut(tokenUses.leftOut, most, tokenUses.requests),
    },
    podUses: podUses && {
      ...podUses,
      requests: podUses.requests.slice(0, most),
      leftOut: leftOut(podUses.leftOut, most, podUses.requests),
    },
    pod: pod && shortenedPod(pod, most),
    candidates: rest.candidates.slice(0, most),
  };
}

function shortenedSession(session: SessionAround, most: number): SessionAround {
  const { requests, otherKeys, leftOut: left, otherKeysLeftOut } = session;
  // An account can forge any number of requests of the session. Those must not hide the requests that others sent.
  const fewer = (records: readonly KeptRecord[]) => fewerInTurns(records, (record) => [senderOf(record)], most);
  return {
    ...session,
    requests: fewer(requests),
    leftOut: leftOut(left, most, requests),
    otherKeys: otherKeys && fewer(otherKeys),
    otherKeysLeftOut: leftOut(otherKeysLeftOut, most, otherKeys ?? []),
  };
}

function shortenedPod(pod: PodOfRequest, most: number): PodOfRequest {
  const { changes, entries } = pod;
  return {
    ...pod,
    changes: changes.slice(0, most),
    entries: entries.slice(0, most),
    leftOut: leftOut(pod.leftOut, most, changes, entries),
  };
}

function leftOut(before: number | undefined, most: number, ...lists: readonly (readonly unknown[])[]) {
  const left = lists.reduce((sum, { length }) => sum + Math.max(0, length - most), before ?? 0);
  return left > 0 ? left : undefined;
}
