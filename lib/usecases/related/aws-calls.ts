import { type AwsCall, awsCallOf, type PodSession, podSessionOf } from '../../cloudtrail/pod-session.ts';
import { type PieceReceiver, unwrap } from '../../envelopes/unwrap.ts';
import { type ClusterFields, isSameCluster } from '../../identity/cluster.ts';
import type { JsonObject } from '../../json.ts';
import type { LogSearch, TimeInterval } from '../../ports/histories.ts';
import type { RecordSink, RecordSource } from '../../ports/input.ts';
import { type EpochMillis, epochMillis, formatInstant, HOUR, parseInstant } from '../../time.ts';
import type { RelatedToRequest } from './related-answer.ts';

/** The AWS calls around a request, made by the pod or the service account behind it. */
export interface AwsOfPod {
  readonly sessions: readonly PodSessionReason[];
  /** The calls in these sessions, the nearest to the request first. */
  readonly calls: readonly AwsCall[];
  readonly leftOut?: number | undefined;
  /** Sentences that say what could not be read, and why. */
  readonly notKnown?: readonly string[] | undefined;
}

/** Returns the answer with at most `most` entries in each list. The others are counted. */
export function shortenedAws({ sessions, calls, leftOut, ...rest }: AwsOfPod, most: number): AwsOfPod {
  const left = Math.max(0, sessions.length - most) + Math.max(0, calls.length - most) + (leftOut ?? 0);
  return {
    ...rest,
    sessions: sessions.slice(0, most),
    calls: calls.slice(0, most),
    leftOut: left > 0 ? left : undefined,
  };
}

/** A role session, and the reason why it may belong to the pod. */
type PodSessionReason = PodSession & { readonly reason: string };

/**
 * How long before the request a session can have begun, in milliseconds. This is the length of the longest role
 * session.
 */
const LONGEST = 12 * HOUR;
/** How long before and after the request calls are included, in milliseconds. */
const CALLS_AROUND = HOUR;

/**
 * Returns the AWS calls of the pod behind each request. It reads CloudTrail's records twice: first for the sessions
 * that were issued, then for the calls in these sessions. The result is undefined for a request that no service account
 * made.
 */
export async function awsCallsOf(
  requests: readonly RelatedToRequest[],
  trails: readonly PodTrail[],
  most: number,
): Promise<readonly (AwsOfPod | undefined)[]> {
  const queries = requests.map(queryOf);
  const present = queries.filter((each) => each !== undefined);
  if (present.length === 0) return queries.map(() => undefined);
  const found = queries.map(() => new Map<string, PodSessionReason>());
  const takeSession = (record: JsonObject) => {
    const session = podSessionOf(record);
    if (session === undefined) return;
    for (const [at, each] of queries.entries()) {
      const reason = each && reasonFor(each, session);
      if (reason !== undefined) found[at]?.set(session.eventId || JSON.stringify(session), { ...session, reason });
    }
  };
  for (const trail of trails) await trail.issued(present.map(issuedQuery), takeSession);
  const sessions = found.map((each, at) => surestFirst([...each.values()], queries[at]));
  const calls = queries.map((each) => new NearestCalls(each?.at ?? epochMillis(0), most));
  const takeCall = (record: JsonObject) => {
    const call = awsCallOf(record);
    if (call === undefined) return;
    for (const [at, each] of queries.entries())
      if (each !== undefined && isNear(call.at, each.at) && sessions[at]?.some((session) => isOf(session, call)))
        calls[at]?.add(call);
  };
  const ofSessions = sessions.flatMap((each, at) => callsQueries(each, queries[at]));
  if (ofSessions.length > 0) for (const trail of trails) await trail.calls(ofSessions, takeCall);
  const notKnown = trails.flatMap((trail) => trail.notKnown);
  return queries.map((each, at) => {
    if (each === undefined) return undefined;
    const aws = awsOfPod(sessions[at] ?? [], calls[at], most);
    return notKnown.length === 0 ? aws : { ...aws, notKnown };
  });
}

function issuedQuery({ at, serviceAccount }: AwsCallsQuery): IssuedQuery {
  return { serviceAccount, from: epochMillis(at - LONGEST), to: epochMillis(at + CALLS_AROUND) };
}

function callsQueries(sessions: readonly PodSession[], query: AwsCallsQuery | undefined): CallsQuery[] {
  if (query === undefined) return [];
  const [from, to] = [epochMillis(query.at - CALLS_AROUND), epochMillis(query.at + CALLS_AROUND)];
  return sessions.map(({ accessKeyId, principalId }) => ({ accessKeyId, principalId, from, to }));
}

/** Returns the sessions that surely belong to this pod first. Then come the nearest in time. */
function surestFirst(
  sessions: readonly PodSessionReason[],
  query: AwsCallsQuery | undefined,
): readonly PodSessionReason[] {
  const { podUid, at = epochMillis(0) } = query ?? {};
  const isOther = (session: PodSession) => Number(podUid === undefined || session.podUid !== podUid);
  const distance = ({ issuedAt }: PodSession) => Math.abs(issuedAt - at);
  return sessions.toSorted((a, b) => isOther(a) - isOther(b) || distance(a) - distance(b));
}

interface AwsCallsQuery {
  readonly at: EpochMillis;
  readonly serviceAccount: string;
  readonly cluster: ClusterFields;
  readonly podUid: string | undefined;
}

function queryOf({ stages, serviceAccount, pod }: RelatedToRequest): AwsCallsQuery | undefined {
  const [record] = stages;
  const at = record?.time === undefined ? undefined : parseInstant(record.time);
  if (at === undefined || serviceAccount === undefined) return undefined;
  return {
    at,
    serviceAccount: serviceAccount.name,
    cluster: { cluster: record?.cluster, clusterArn: record?.clusterArn, accountId: record?.accountId },
    podUid: pod?.uid,
  };
}

/** Returns why a session may belong to the pod. Undefined if it does not. */
function reasonFor({ at, serviceAccount, cluster, podUid }: AwsCallsQuery, session: PodSession): string | undefined {
  const isThen =
    session.issuedAt <= at + CALLS_AROUND && session.expiresAt >= at - CALLS_AROUND && session.issuedAt >= at - LONGEST;
  if (!isThen || session.serviceAccount !== serviceAccount) return undefined;
  if (session.by === 'irsa')
    return `one of the pods that ran then: IRSA names the service account and the issuer ${session.issuer ?? '(not stated)'}, but no pod. Check that this issuer belongs to the cluster.`;
  if (isSameCluster(cluster, session) === false) return undefined;
  if (podUid === undefined)
    return 'one of the pods that ran then: the audit event does not state which pod made the request';
  return session.podUid === podUid ? 'this pod: Pod Identity states its uid' : undefined;
}

/**
 * Returns whether the call was made in the session. The issued access key decides. If the grant does not list the key,
 * the session name does.
 */
function isOf({ accessKeyId, principalId }: PodSession, call: AwsCall): boolean {
  if (accessKeyId !== undefined && call.accessKeyId !== undefined) return accessKeyId === call.accessKeyId;
  return principalId !== undefined && principalId === call.principalId;
}

function isNear(at: EpochMillis, request: EpochMillis): boolean {
  return Math.abs(at - request) <= CALLS_AROUND;
}

/** Keeps the calls that are nearest to a time. A pod can make millions of calls. */
class NearestCalls {
  readonly #at: EpochMillis;
  readonly #most: number;
  #kept = new Map<string, AwsCall>();
  /** The number of calls that were not kept. If a copy of a call comes much later, it counts again. */
  leftOut = 0;

  constructor(at: EpochMillis, most: number) {
    this.#at = at;
    this.#most = most;
  }

  add(call: AwsCall): void {
    this.#kept.set(call.eventId || JSON.stringify(call), call);
    if (this.#kept.size >= this.#most * 20) this.#prune();
  }

  nearest(): readonly AwsCall[] {
    this.#prune();
    return [...this.#kept.values()];
  }

  #prune(): void {
    const all = [...this.#kept].toSorted(([, a], [, b]) => Math.abs(a.at - this.#at) - Math.abs(b.at - this.#at));
    this.#kept = new Map(all.slice(0, this.#most));
    this.leftOut += all.length - this.#kept.size;
  }
}

function awsOfPod(sessions: readonly PodSessionReason[], calls: NearestCalls | undefined, most: number): AwsOfPod {
  const nearest = calls?.nearest() ?? [];
  const left = (calls?.leftOut ?? 0) + Math.max(0, sessions.length - most);
  return { sessions: sessions.slice(0, most), calls: nearest, leftOut: left > 0 ? left : undefined };
}

/**
 * Returns the times around the requests for which CloudTrail's records are needed. From S3, only the folders of these
 * times are read. Requests with one audit ID can be months apart, and the time between them is left out.
 */
export function timesAround(requests: readonly RelatedToRequest[]): readonly TimeInterval[] {
  const times = requests.flatMap((request) => queryOf(request)?.at ?? []).toSorted((a, b) => a - b);
  const around: TimeInterval[] = [];
  for (const at of times) {
    const [from, to] = [epochMillis(at - LONGEST), epochMillis(at + CALLS_AROUND)];
    const last = around.at(-1);
    if (last === undefined || last.to < from) around.push({ from, to });
    else around[around.length - 1] = { from: last.from, to };
  }
  return around;
}

/** A query for the sessions of a service account that began in a time range. */
interface IssuedQuery {
  /** The service account, as `<namespace>:<name>`. */
  readonly serviceAccount: string;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** A query for the calls in one session in a time range. */
interface CallsQuery {
  readonly accessKeyId?: string | undefined;
  /** The principal of the session, `AROA…:<session name>`. It is searched if the access key is not known. */
  readonly principalId?: string | undefined;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** A source of CloudTrail's records about pods. It may return more than the queries ask for. */
interface PodTrail {
  /** Passes each record to `take` that may have issued a session. */
  issued(queries: readonly IssuedQuery[], take: (record: JsonObject) => void): Promise<void>;
  calls(queries: readonly CallsQuery[], take: (record: JsonObject) => void): Promise<void>;
  /** Sentences that say what could not be read so far, and why. */
  readonly notKnown: readonly string[];
}

/**
 * Returns a trail that reads the files completely each time. Pieces that are no CloudTrail records are ignored, because
 * they were reported when the grants were read.
 */
export function trailOfFiles(source: RecordSource): PodTrail {
  const each = (take: (record: JsonObject) => void) => {
    const sink: RecordSink = {
      trail: (record) => take(record),
      audit: () => undefined,
      ignored: () => undefined,
      reject: () => undefined,
    };
    return source.read(sink, () => undefined);
  };
  return { issued: (_, take) => each(take), calls: (_, take) => each(take), notKnown: [] };
}

/** Limits the responses to one search. Each has at most 1 MB, and many are empty (API Reference, "FilterLogEvents"). */
const MOST_PAGES = 500;
/** Limits the sessions whose calls are searched. About twenty of them fit in one pattern. */
const MOST_SESSIONS = 100;
/** Limits the characters of a pattern (API Reference, "FilterLogEvents"). */
const LONGEST_PATTERN = 1_024;
/**
 * How late CloudTrail can deliver to a log group, in milliseconds. It usually delivers within minutes. A log entry
 * can have the time of the call or of the delivery, so the search covers both.
 */
const LATE = HOUR;

interface Search extends TimeInterval {
  readonly pattern: string;
  /** What is searched for, in words. */
  readonly what: string;
}

/**
 * Returns a trail that searches a log group for what each query needs. Trust: whoever names the group vouches for its
 * content. Each message is checked again, because patterns match more than the query asks for.
 */
export function trailOfLogGroup(logs: LogSearch): PodTrail {
  const notKnown: string[] = [];
  const all = async (searches: readonly Search[], take: (record: JsonObject) => void) => {
    for (const search of searches) {
      const flaw = await searchLog(logs, search, take);
      if (flaw !== undefined) notKnown.push(flaw);
    }
  };
  return {
    issued: (queries, take) => all(queries.map(issuedSearch), take),
    async calls(queries, take) {
      const left = new Set(
        queries.slice(MOST_SESSIONS).map(({ accessKeyId, principalId }) => accessKeyId ?? principalId),
      );
      if (left.size > 0)
        notKnown.push(`The log group ${logs.logGroup} was not searched for the calls of ${left.size} more sessions.`);
      await all(callSearches(queries.slice(0, MOST_SESSIONS)), take);
    },
    notKnown,
  };
}

/** Passes on the records that match the search. Returns sentences if some records could not be read. */
async function searchLog(
  logs: LogSearch,
  { what, ...query }: Search,
  take: (record: JsonObject) => void,
): Promise<string | undefined> {
  const { logGroup } = logs;
  let [token, latest]: [string | undefined, number] = [undefined, query.from];
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await logs.page(query, token);
    if ('refused' in page) return `The log group ${logGroup} was not read for ${what}: ${page.refused}`;
    for (const payload of page.payloads) {
      unwrap(payload, () => logGroup, unwrapping(logGroup, take));
      latest = Math.max(latest, lastTimeOf(payload));
    }
    if (page.nextToken === undefined) return undefined;
    token = page.nextToken;
  }
  return `The log group ${logGroup} was not read to its end for ${what}: reading stopped after ${MOST_PAGES} responses of FilterLogEvents. Events after ${formatInstant(epochMillis(latest))} are missing.`;
}

function unwrapping(logGroup: string, take: (record: JsonObject) => void): PieceReceiver {
  return {
    trail: (record) => take(record),
    audit: () => undefined,
    ignored: () => undefined,
    reject: () => undefined,
    inflate: () => ({ ok: false, reason: 'awslogs-data-unreadable' }),
    countedGroups: [{ names: logGroup, content: 'cloudtrail' }],
  };
}

function lastTimeOf({ logEvents }: JsonObject): number {
  const times = Array.isArray(logEvents) ? logEvents.map(({ timestamp }) => Number(timestamp) || 0) : [];
  return Math.max(0, ...times);
}

/**
 * Returns the search for sessions that were issued to the pod. Pod Identity names the pod in a list, which patterns
 * cannot match. So the search covers all sessions that Pod Identity issued at that time (FACTS, "The reverse way").
 */
function issuedSearch({ serviceAccount, from, to }: IssuedQuery): Search {
  const byPodIdentity = equal('$.userIdentity.invokedBy', 'pods.eks.amazonaws.com');
  const byIrsa = equal('$.userIdentity.userName', `system:serviceaccount:${serviceAccount}`);
  const pattern = `{ ${equal('$.eventSource', 'sts.amazonaws.com')} && (${byPodIdentity} || ${byIrsa}) }`;
  return { pattern, from, to: epochMillis(to + LATE), what: 'the sessions that were issued to the pod' };
}

/** Returns the searches for calls. One pattern has as many sessions as fit into it. */
function callSearches(queries: readonly CallsQuery[]): readonly Search[] {
  const times = Map.groupBy(queries, ({ from, to }) => `${from} ${to}`);
  return [...times.values()].flatMap((together) => {
    const [first] = together;
    if (first === undefined) return [];
    const { from, to } = first;
    const late = { from, to: epochMillis(to + LATE), what: "the calls of the pod's sessions" };
    return patternsOf(together).map((pattern) => ({ ...late, pattern }));
  });
}

function patternsOf(queries: readonly CallsQuery[]): readonly string[] {
  const groups: string[][] = [];
  let length = LONGEST_PATTERN;
  for (const condition of new Set(queries.flatMap(conditionOf))) {
    length += condition.length + OR.length;
    if (length > LONGEST_PATTERN - AROUND_ALL) {
      groups.push([]);
      length = condition.length;
    }
    groups.at(-1)?.push(condition);
  }
  return groups.map((conditions) => `{ ${conditions.join(OR)} }`);
}

const OR = ' || ';
const AROUND_ALL = '{  }'.length;

function conditionOf({ accessKeyId, principalId }: CallsQuery): string[] {
  if (accessKeyId !== undefined) return [equal('$.userIdentity.accessKeyId', accessKeyId)];
  return principalId === undefined ? [] : [equal('$.userIdentity.principalId', principalId)];
}

/**
 * Returns a condition of a filter pattern that a field must equal the text. If the text has special characters, only
 * the part before them must match. So the pattern may match more, but never less.
 */
function equal(selector: string, text: string): string {
  const [plain = ''] = /^[\w .:/@+=,-]{0,300}/.exec(text) ?? [];
  return `(${selector} = "${plain}${plain === text ? '' : '*'}")`;
}
