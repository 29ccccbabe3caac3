import type { Actor } from '../../../attribution/actor.ts';
import { actorsOf } from '../../../attribution/attribution.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { accountsOf, isOfRole } from '../../../attribution/role-of-record.ts';
import { maskedUri } from '../../../audit/action.ts';
import { isSameCluster } from '../../../identity/cluster.ts';
import { serviceAccountOf } from '../../../identity/service-account.ts';
import { parseSessionPrincipal } from '../../../identity/session-name.ts';
import { parseUid } from '../../../identity/uid.ts';
import { isSameJson } from '../../../json.ts';
import type { TimeRange } from '../../../ports/paging.ts';
import {
  type Circumstances,
  type ClockTime,
  type RequestedToken,
  type Subject,
  verbsIn,
  WRITTEN_WITHIN,
} from '../../../recognize/subject.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant, MINUTE, parseInstant, SECOND } from '../../../time.ts';
import { LONGEST_SESSION } from '../doubt.ts';
import { addressMatcher, addressOf } from '../filter.ts';
import { isNamed, isNameOf, isSessionNamed, isSimilarTo } from './usernames.ts';

/**
 * A feature in which a text and a recorded request are compared. The names are those of fields in the answer's
 * `request`. `resource` is the object, and `action` the command of an exec. `binding` is the role and subjects of a
 * binding. `accessKeyId` and `credentialId` are the caller's key and token.
 */
export type Feature =
  | 'auditId'
  | 'cluster'
  | 'time'
  | 'verb'
  | 'uri'
  | 'resource'
  | 'namespace'
  | 'username'
  | 'names'
  | 'accessKeyId'
  | 'credentialId'
  | 'action'
  | 'binding'
  | 'code'
  | 'ips'
  | 'userAgent';

/** One request as a pasted text describes it. Recorded requests are compared with it. */
export interface DescribedRequest {
  readonly circumstances: Circumstances;
  readonly caller: StatedCaller;
  /** The verbs that the log can have for the verb of the text. Empty if the text states none. */
  readonly verbs: readonly string[];
  /**
   * The time range in which the request can have been made, widened by the difference of clocks. An unknown end is
   * absent.
   */
  readonly range: TimeRange;
  /**
   * The time range that the text states, or the time that the user gives in its place. Absent if its beginning is not
   * known.
   */
  readonly stated?: TimeRange | undefined;
  /** The times that the text states. */
  readonly times: readonly EpochMillis[];
  /**
   * How far outside the log a stated time may lie, in milliseconds. A negative value requires that the log covers that
   * much before and after the time (CONTRACT, 12.7, 12.23).
   */
  readonly margin: number;
  /** Whether the text states no caller. It has only a source IP, an object, a name or a time. */
  readonly isTrace: boolean;
  /**
   * Whether the text asks for all requests of a source IP, a user agent or a time, because it states nothing else
   * (CONTRACT, 12.23).
   */
  readonly asksForAll: boolean;
  /** Whether the text states enough to identify a request that agrees with it (CONTRACT, 12.14). */
  readonly isIdentifying: boolean;
  /**
   * Whether the text is a finding that can stand for several requests. Its source IP, user agent and response code are
   * then those of the latest one (CONTRACT, 12.42).
   */
  readonly isAggregated: boolean;
}

/** The caller as the text states it. Trust: anybody may have written the text. */
interface StatedCaller {
  readonly username?: string | undefined;
  readonly uid?: string | undefined;
  readonly sessionName?: string | undefined;
  /** The ID of a role or an IAM user: the end of the uid. */
  readonly id?: string | undefined;
  readonly accountId?: string | undefined;
  readonly arn?: string | undefined;
  readonly accessKeyId?: string | undefined;
}

/** The largest difference between the times of one request in the log and in a text made from it, in milliseconds. */
export const APART = 2 * SECOND;
/** The largest difference for a time of day that is stated without seconds, in milliseconds. */
const ROUGHLY = 5 * MINUTE;

/**
 * Returns the request that a text describes. Undefined if it describes none, or a call to AWS.
 * @param at the time of the request, if the user gives one. It replaces the time in the text.
 */
export function describedRequest(
  { circumstances: given, ...subject }: Subject,
  at?: EpochMillis,
): DescribedRequest | undefined {
  const circumstances = withDay(given, at);
  if (!describesRequest(circumstances, subject)) return undefined;
  const { request = {}, auditId } = circumstances;
  const caller = statedCaller(subject);
  const verbs = verbsOf(request.verb);
  const stated = statedRange(circumstances, at);
  const hasObject = (request.uri ?? request.resource) !== undefined;
  const isWhole = statesOneDeed(request) && hasObject && statesCaller(caller, subject);
  const asksForAll = subject.by === 'request' && isSingleTrace(circumstances);
  return {
    circumstances,
    caller,
    verbs,
    range: rangeOf(circumstances, at),
    stated,
    times: [circumstances.since, circumstances.at ?? at].filter((time) => time !== undefined),
    isTrace: subject.by === 'request' && circumstances.isProcessStart !== true,
    asksForAll,
    margin: asksForAll ? -APART : APART,
    isAggregated: isAggregated(circumstances),
    isIdentifying:
      auditId !== undefined ||
      (circumstances.isPartlyRead !== true &&
        (stated !== undefined || circumstances.isLogged === true) &&
        circumstances.isWrittenAtOnce !== true &&
        (circumstances.isProcessStart === true ? isWholeProcess(circumstances) : isWhole)),
  };
}

/** Returns the request of a pasted audit event, which is compared by its audit ID. Undefined if the event has none. */
export function describedEvent({ circumstances }: Subject): DescribedRequest | undefined {
  return circumstances.auditId === undefined ? undefined : describedRequest({ by: 'request', circumstances });
}

/** Returns whether the text states the caller of the request, and not only somebody's name. */
function statesCaller(caller: StatedCaller, subject: WithoutCircumstances<Subject>): boolean {
  if (subject.by === 'person' && subject.person.startsWith('arn:')) return true;
  return Object.values(caller).some((value) => value !== undefined);
}

/**
 * Returns whether a finding can stand for several requests. Its count decides. Without a count, it can if it has both a
 * first and a last time.
 */
function isAggregated({ finding, count, since, at, isProcessStart }: Circumstances): boolean {
  if (finding === undefined || isProcessStart === true) return false;
  return count === undefined ? since !== undefined && at !== undefined : count > 1;
}

/**
 * Returns the circumstances with the full time of the request, if the text has a time of day and the user gives a time
 * near it.
 */
function withDay({ clock, ...circumstances }: Circumstances, at: EpochMillis | undefined): Circumstances {
  if (clock === undefined) return circumstances;
  if (at === undefined) return { ...circumstances, clock };
  const year = formatInstant(at).slice(0, 4);
  const midnight = clock.monthAndDay === undefined ? undefined : parseInstant(`${year}-${clock.monthAndDay}T00:00:00Z`);
  const moment = midnight === undefined ? at - afterClock(at, clock) : midnight + clock.ofDay;
  const range = clock.lasts === undefined ? {} : { since: epochMillis(moment) };
  return { ...circumstances, ...range, at: epochMillis(moment + (clock.lasts ?? 0)) };
}

/**
 * Returns how many milliseconds `at` is after the nearest time at which a clock shows `ofDay`. The result is negative
 * if `at` is before it. A range of times counts from its beginning, so `at` within the range is after it.
 */
function afterClock(at: EpochMillis, { ofDay, lasts = 0 }: ClockTime): number {
  const after = (((at - ofDay) % DAY) + DAY) % DAY;
  return after > Math.max(DAY / 2, lasts + APART) ? after - DAY : after;
}

/** Subresources that say what was done. The verb only says how the client connected: `create` or `get`. */
const CONNECTING: ReadonlySet<string | undefined> = new Set(['exec', 'attach', 'portforward']);

/** Returns whether the text says what was done: by a verb, or by a subresource such as `exec`. */
export function statesVerb({ verbs, circumstances: { request } }: DescribedRequest): boolean {
  return verbs.length > 0 || CONNECTING.has(request?.subresource);
}

/**
 * Returns whether the stated object also stands for its subresources. It does if the text states nothing else, or does
 * not say what was done.
 */
export function standsForSubresources(described: DescribedRequest): boolean {
  return described.isTrace || !statesVerb(described);
}

/** Returns whether the text asks who created an object, perhaps among other questions. */
export function asksForCreation({ circumstances: { request } }: Pick<DescribedRequest, 'circumstances'>): boolean {
  return verbsIn(request?.verb ?? '').some((verb) => verb === 'create' || verb === 'write');
}

/** Returns whether the text states the pod and the command of a process. If so, an exec just before the process can have started it. */
function isWholeProcess({ request, action, startedBy, isOfWorkload }: Circumstances): boolean {
  const isStated = request?.namespace !== undefined && request.name !== undefined && action?.command !== undefined;
  return isStated && startedBy === undefined && isOfWorkload !== true;
}

/**
 * Returns whether the text states something about a request to an API server, besides its caller and time. For an
 * anonymous caller the source IP counts, because nothing else is known of them.
 */
function describesRequest(
  { request, auditId, code, eventId, eventName, issuedTo, isLogin, sourceIps }: Circumstances,
  subject: WithoutCircumstances<Subject>,
): boolean {
  if ((eventId ?? eventName ?? issuedTo) !== undefined || subject.by === 'audit-id') return false;
  const isAnonymous = subject.by === 'username' && subject.username === 'system:anonymous';
  const stated = request ?? auditId ?? code ?? (isAnonymous ? sourceIps : undefined);
  return subject.by === 'request' || isLogin === true || stated !== undefined;
}

/** Returns whether the text states only a source IP, a user agent or a time. */
function isSingleTrace({ sourceIps, at, since: _since, userAgent, ...others }: Circumstances): boolean {
  const stated = [sourceIps, at, userAgent].filter((each) => each !== undefined);
  return stated.length === 1 && Object.values(others).every((each) => each === undefined);
}

/**
 * The verbs of the log for each HTTP method, and for the words `write`, `modify` and `remove` of a question. GuardDuty
 * states the method ("HTTP verb"; API Reference, "KubernetesApiCallAction").
 */
const OF_METHODS: Readonly<Record<string, readonly string[]>> = {
  GET: ['get', 'list', 'watch'],
  POST: ['create', 'post'],
  PUT: ['update', 'put'],
  DELETE: ['delete', 'deletecollection'],
  change: ['update', 'patch'],
  // Server-side apply creates an object by a patch.
  write: ['create', 'update', 'patch'],
  // After a conflict, any of these can have changed the object since the client read it.
  modify: ['create', 'update', 'patch', 'delete'],
  // An eviction deletes a pod, but its request is a `create` of `pods/eviction`.
  remove: ['delete', 'deletecollection', 'create'],
};

/** Returns whether the text states exactly one action. A text with several verbs can stand for several requests. */
function statesOneDeed({ verb, subresource }: Request): boolean {
  return CONNECTING.has(subresource) || (verb !== undefined && verbsIn(verb).length === 1);
}

/**
 * Returns the verbs of the log for the verb in the text, which can be several verbs (`verbsIn`). Empty if the text
 * states none.
 */
export function verbsOf(verb: string | undefined): readonly string[] {
  if (verb === undefined) return [];
  const [only = verb, ...others] = verbsIn(verb);
  if (others.length > 0) return [...new Set([only, ...others].flatMap(verbsOf))];
  return (Object.hasOwn(OF_METHODS, verb) ? OF_METHODS[verb] : undefined) ?? [verb.toLowerCase()];
}

type WithoutCircumstances<T> = T extends unknown ? Omit<T, 'circumstances'> : never;

/** Returns those details about the caller in the text that audit records have too. */
function statedCaller(subject: WithoutCircumstances<Subject>): StatedCaller {
  switch (subject.by) {
    case 'caller': {
      const { uid, username, sessionName, principal, accessKeyId } = subject.question;
      const session = parseSessionPrincipal(principal);
      if (session === undefined) return { uid, username, sessionName, accessKeyId, arn: subject.userArn };
      const { id, name } = session;
      return { ...(id.startsWith('AROA') ? { id } : { accountId: id }), sessionName: name, accessKeyId };
    }
    case 'session':
      return { arn: subject.arn, accessKeyId: subject.accessKeyId };
    case 'username':
      return { username: subject.username };
    case 'role':
      return /^AROA[A-Z0-9]+$/.test(subject.role) ? { id: subject.role } : {};
    case 'person':
      return /^AIDA[A-Z0-9]+$/.test(subject.person) ? { id: subject.person } : {};
    default:
      return {};
  }
}

/** Returns the time range in which the request can have been made. The time of a finding is only its end. */
function rangeOf(circumstances: Circumstances, at: EpochMillis | undefined): TimeRange {
  const { since } = circumstances;
  if (since !== undefined && circumstances.at === undefined && at === undefined) return { from: since };
  if (circumstances.at !== undefined) {
    const { from, to = epochMillis(circumstances.at + APART) } = statedRange(circumstances, at) ?? {};
    const isOpenBefore = circumstances.isProcessStart === true && from !== undefined;
    return { from: isOpenBefore ? epochMillis(from - LONGEST_SESSION) : from, to };
  }
  return at === undefined ? {} : around({ from: at, to: at }, LONGEST_SESSION);
}

/** Returns the time range that the text states. Undefined if its beginning is unknown. */
function statedRange(
  { at: last, since, isWrittenLater, isWrittenAtOnce }: Circumstances,
  at: EpochMillis | undefined,
): TimeRange | undefined {
  const end = last ?? at;
  const first = last === undefined ? at : (since ?? (isWrittenLater === true ? undefined : last));
  const begin = first !== undefined && isWrittenAtOnce === true ? epochMillis(first - WRITTEN_WITHIN) : first;
  return begin === undefined || end === undefined ? undefined : around({ from: begin, to: end }, APART);
}

/** Returns the range, extended at both ends by `by` milliseconds. */
function around({ from, to }: { readonly from: EpochMillis; readonly to: EpochMillis }, by: number): TimeRange {
  return { from: epochMillis(from - by), to: epochMillis(to + by) };
}

/** How a recorded request is related to a described one. */
export type Likeness =
  /** The request agrees in every decisive feature, and the text states enough: it is the described request. */
  | 'same'
  /** The request agrees in every decisive feature, but the text states too little. */
  | 'alike'
  /** The request differs in one decisive feature, but not in its path or object. */
  | 'near';

/**
 * The result of comparing a recorded request with a described one. Features that only one of them has are not compared.
 */
export interface Comparison {
  /** The relation of the request to the described one. Undefined if it is another request. */
  readonly likeness: Likeness | undefined;
  readonly agrees: readonly Feature[];
  readonly differs: readonly Feature[];
}

/** Features in which the request must agree (CONTRACT, 12.3). */
const DECISIVE: readonly Feature[] = [
  'cluster',
  'time',
  'verb',
  'uri',
  'resource',
  'namespace',
  'username',
  'names',
  'credentialId',
];
/** Features in which a matching request may differ. But then its actor is at most a candidate (CONTRACT, 12.4). */
const FURTHER: readonly Feature[] = ['accessKeyId', 'action', 'binding', 'code', 'ips'];
/**
 * The features in which a request must agree with a text that has an audit ID. Time and response code are not among
 * them, because they differ between the stages of one request.
 */
const BESIDE_ID: readonly Feature[] = ['cluster', 'verb', 'uri', 'resource', 'username', 'accessKeyId', 'ips'];

/** Compares one recorded request with a described one. */
export function compareRequest(record: AuditRecord, described: DescribedRequest): Comparison {
  const all = Object.entries(featuresOf(record, described)) as [Feature, boolean | undefined][];
  const agrees = all.flatMap(([feature, agree]) => (agree === true ? [feature] : []));
  const differs = all.flatMap(([feature, agree]) => (agree === false ? [feature] : []));
  return { likeness: likenessOf(record, { agrees, differs }, described), agrees, differs };
}

/** Returns the features in which the request differs and which make its actor only a candidate. */
export function doubtsOf(
  { differs }: Pick<Comparison, 'differs'>,
  { circumstances: { auditId } }: DescribedRequest,
): readonly Feature[] {
  const counting = auditId === undefined ? FURTHER : BESIDE_ID;
  return differs.filter((feature) => counting.includes(feature));
}

type Differences = Omit<Comparison, 'likeness'>;

function likenessOf(record: AuditRecord, compared: Differences, described: DescribedRequest): Likeness | undefined {
  const { agrees, differs } = compared;
  if (described.circumstances.auditId !== undefined) return agrees.includes('auditId') ? 'same' : undefined;
  if (!differs.some((feature) => DECISIVE.includes(feature))) return fittingLikeness(record, compared, described);
  const isNear = hasSameObject(compared) && differs.filter((feature) => feature !== 'userAgent').length === 1;
  return isNear && isWithin(record.time, nearRange(described)) ? 'near' : undefined;
}

/** Returns the likeness of a request that agrees in every decisive feature. */
function fittingLikeness(
  record: AuditRecord,
  compared: Differences,
  { isIdentifying, circumstances, times, asksForAll }: DescribedRequest,
): Likeness | undefined {
  if (hasSameObject(compared)) {
    const isSure = isIdentifying && compared.agrees.includes('time');
    if (circumstances.isProcessStart !== true) return isSure && hasSameCaller(compared) ? 'same' : 'alike';
    // The exec comes before the process that it starts. Anybody can have run another command in the pod.
    return isSure && isCommandOf(circumstances, record) && isWithin(record.time, { to: times.at(-1) })
      ? 'same'
      : 'alike';
  }
  // If neither path nor object agrees, the request must agree in all else that the text states.
  const isOther = (feature: Feature) => FURTHER.includes(feature) || (feature === 'userAgent' && asksForAll);
  return compared.differs.some(isOther) ? undefined : 'alike';
}

/**
 * Returns whether the binding gives the same role to the same subjects. Undefined if the text or the log states
 * neither.
 */
function isSameBinding({ action: stated }: Circumstances, { action }: AuditRecord): boolean | undefined {
  const compared = (['role', 'subjects'] as const).filter(
    (part) => stated?.[part] !== undefined && action?.[part] !== undefined,
  );
  if (compared.length === 0) return undefined;
  return compared.every((part) => isSameJson([stated?.[part]].flat().sort(), [action?.[part]].flat().sort()));
}

/**
 * Returns whether the command agrees. Undefined if the exec was still open when the process started, because any
 * command can have been run in it.
 */
function isSameCommandLine(record: AuditRecord, described: DescribedRequest): boolean | undefined {
  const isSame = isSameCommand(described.circumstances, record.action?.command);
  const isEarlier = described.stated !== undefined && !isWithin(record.time, described.stated);
  return isSame === false && isEarlier && !isEnded(record, described) ? undefined : isSame;
}

/**
 * Returns whether the command of the exec is that of the process. If the process has no arguments, the exec must have
 * none either.
 */
function isCommandOf(circumstances: Circumstances, { action }: AuditRecord): boolean {
  const isAlone = circumstances.isWithoutArguments !== true || wordsOf(action?.command ?? '').length === 1;
  return isAlone && isSameCommand(circumstances, action?.command) === true;
}

/** Returns whether the username, the uid or the access key agrees. A record without a key agrees with none. */
export function hasSameCaller({ agrees }: Pick<Comparison, 'agrees'>): boolean {
  return agrees.includes('username') || agrees.includes('accessKeyId');
}

function hasSameObject({ agrees }: Differences): boolean {
  return agrees.includes('uri') || agrees.includes('resource');
}

/**
 * Returns the time range of similar requests: the possible times, extended by the longest session at both ends.
 */
export function nearRange({ range: { from, to } }: DescribedRequest): TimeRange {
  return {
    from: from && epochMillis(from - LONGEST_SESSION),
    to: to && epochMillis(to + LONGEST_SESSION),
  };
}

/**
 * Compares each feature: true if it agrees, false if it differs. Undefined if the text or the log does not state it.
 */
function featuresOf(record: AuditRecord, described: DescribedRequest) {
  const { circumstances, caller, verbs } = described;
  const { auditId, sourceIps, userAgent, request: stated = {}, code } = circumstances;
  const { source, request = {} } = record;
  const ip = sourceIps?.at(-1);
  const isByUri = stated.uri !== undefined && request.uri !== undefined;
  const hasObject = (stated.resource ?? stated.name) !== undefined;
  return {
    auditId: auditId === undefined ? undefined : auditId === record.auditId,
    cluster: isSameCluster(circumstances, record),
    time: circumstances.clock === undefined ? isSameTime(record, described) : isAtClock(record, described),
    verb: verbs.length === 0 ? undefined : isSameVerb(described, request),
    uri: isByUri ? isSameUri(maskedUri(stated.uri), request.uri) : undefined,
    resource: isByUri ? isSameName(stated, request) : hasObject ? isSameObject(described, request) : undefined,
    namespace: isSameNamespace(described, request),
    username: isSameCaller(caller, circumstances, record),
    names: hasName(record, circumstances),
    accessKeyId: isSameKey(caller.accessKeyId, record.caller.accessKeyId),
    credentialId: isSameToken(circumstances, record),
    action: isSameCommandLine(record, described),
    binding: isSameBinding(circumstances, record),
    code: code === undefined ? undefined : code === record.response?.code,
    ips: ip === undefined ? undefined : source?.ips?.some(isFrom(ip)) === true,
    userAgent: userAgent === undefined ? undefined : isSameAgent(userAgent, source?.userAgent),
  } satisfies Record<Feature, boolean | undefined>;
}

/** Returns a test whether a source IP is the stated one, or in the stated CIDR block. */
export function isFrom(stated: string): (ip: string) => boolean {
  const isOf = stated.includes('/') ? addressMatcher(stated) : undefined;
  if (isOf === undefined) return (ip) => ip === stated;
  return (ip) => {
    const address = addressOf(ip);
    return address !== undefined && isOf(address);
  };
}

/**
 * Returns whether the namespace agrees, for a text that states no object. Otherwise undefined, because the object or
 * path includes the namespace.
 */
function isSameNamespace({ circumstances, isTrace }: DescribedRequest, recorded: Request): boolean | undefined {
  const { uri, resource, name, namespace } = circumstances.request ?? {};
  if (!isTrace || namespace === undefined || (uri ?? resource ?? name) !== undefined) return undefined;
  return namespace === recorded.namespace;
}

/**
 * Returns whether the user agents agree. A text may have only the first product of the recorded one, with or without
 * its version.
 */
function isSameAgent(stated: string, recorded = ''): boolean {
  return recorded === stated || recorded.startsWith(`${stated} `) || recorded.startsWith(`${stated}/`);
}

/**
 * Returns those of `names` that the request has: as the name of its caller, actor, candidate, account, role, object,
 * namespace or cluster.
 */
export function namesOf(record: AuditRecord, names: readonly string[]): readonly string[] {
  const { caller, impersonated, request = {}, cluster } = record;
  const actors = actorsOf(record.attribution);
  return names.filter(
    (name) =>
      [request.name, request.namespace, cluster].includes(name) ||
      actors.some((actor) => isNameOf(actor, name)) ||
      [caller.username, impersonated?.username].some((each) => each !== undefined && isNamed(each, name)) ||
      isSessionNamed(record, name) ||
      accountsOf(record).includes(name) ||
      isOfRole(record, name),
  );
}

/**
 * Returns full names in the request, such as `ana@example.com`, if the text has only the part before the `@`. Each may
 * belong to somebody else.
 */
export function similarNamesOf(record: AuditRecord, names: readonly string[]): readonly string[] {
  const { caller, impersonated } = record;
  const full = [
    ...actorsOf(record.attribution).flatMap(({ name, knownAs }) => [knownAs, name]),
    caller.username,
    caller.sessionName,
    impersonated?.username,
  ].filter((name) => name !== undefined);
  return [...new Set(full)].filter((each) => names.some((name) => isSimilarTo(each, name)));
}

/**
 * Returns whether the request has one of the names in the text. Undefined if it only has a similar name. Also
 * undefined if the text has an object or a source IP, since the name can then be that of anything.
 */
function hasName(record: AuditRecord, { names, request, sourceIps }: Circumstances): boolean | undefined {
  if (names === undefined) return undefined;
  if (namesOf(record, names).length > 0) return true;
  const canBeOther = (request?.name ?? sourceIps) !== undefined || similarNamesOf(record, names).length > 0;
  return canBeOther ? undefined : false;
}

/** Returns whether the text asks who deleted an object (CONTRACT, 12.26). */
export function asksForRemoval({ circumstances: { request } }: Pick<DescribedRequest, 'circumstances'>): boolean {
  return request?.verb === 'remove';
}

/** Returns whether the text asks who changed an object, for example after a conflict (CONTRACT, 12.21). */
export function asksForWrites({ circumstances: { request } }: Pick<DescribedRequest, 'circumstances'>): boolean {
  return request?.verb === 'modify';
}

/** Subresources whose `create` changes nothing in the object. */
const OPENED: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy', 'token']);

function isSameVerb(described: DescribedRequest, { verb = '', subresource }: Request): boolean {
  const isRemoval = subresource === 'eviction' || verb.toLowerCase() !== 'create' || !asksForRemoval(described);
  const isWrite = subresource === undefined || !OPENED.has(subresource) || !asksForWrites(described);
  return isRemoval && isWrite && described.verbs.includes(verb.toLowerCase());
}

/**
 * Returns whether the request was made with the token in the text. A request without a token was not. Undefined if the
 * text states no token.
 */
function isSameToken({ credentialId, tokenOf }: Circumstances, record: AuditRecord): boolean | undefined {
  const { caller } = record;
  if (tokenOf !== undefined) return isOfRequestedToken(record, tokenOf);
  return credentialId === undefined ? undefined : credentialId === caller.credentialId;
}

/**
 * Returns whether the request used a token that the stated person requested for the stated service account. A candidate
 * counts as this person.
 */
function isOfRequestedToken({ attribution, caller }: AuditRecord, { requestedBy, account }: RequestedToken): boolean {
  if (!attribution.flags.includes('token-of-service-account')) return false;
  const { namespace, name } = serviceAccountOf(caller.username ?? '') ?? {};
  const isOfAccount = account === undefined || account === name || account === `${namespace}/${name}`;
  return isOfAccount && actorsOf(attribution).some((actor) => isRequester(actor, requestedBy));
}

/** Returns whether the actor has this name, or has it as the part before the `@`. */
function isRequester(actor: Actor, name: string): boolean {
  const full = [actor.name, actor.knownAs].filter((each) => each !== undefined);
  return isNameOf(actor, name) || full.some((each) => isSimilarTo(each, name));
}

function isSameKey(stated: string | undefined, recorded: string | undefined): boolean | undefined {
  return stated === undefined || recorded === undefined ? undefined : stated === recorded;
}

/**
 * Returns whether the command in the text is the recorded one. A text about a request can have only the program
 * (Falco's `ka.uri.param[command]`). Tools write programs without their folder and commands without quotes. A record
 * hides secrets and limits the length. The command of a process must agree as a whole, because anybody can run the same
 * program with other arguments. If the text has only the program, any exec of that program can have started the
 * process.
 */
function isSameCommand(
  { action, isProcessStart, isWithoutArguments, executable }: Circumstances,
  recorded: string | undefined,
): boolean | undefined {
  if (action?.command === undefined || recorded === undefined) return undefined;
  const [one, other] = [wordsOf(action.command), wordsOf(recorded)];
  if (isWithoutArguments === true) return isSameProgram([one[0], wordsOf(executable ?? '')[0]], other[0]);
  if (isProcessStart === true) {
    const isSame = one.length === other.length && one.every((word, at) => isWordOf(other[at] ?? '', word));
    return isSame || !canStart(other[0], one[0]) ? isSame : undefined;
  }
  const isProgramAlone = one.length === 1 || recorded.includes('***') || recorded.endsWith('…');
  return isProgramAlone ? one[0] === other[0] : one.join(' ') === other.join(' ');
}

/** Matches programs that links can start under any name. */
const UNDER_ANY_NAME = /^(?:busybox|toybox|coreutils)(?:\.\w+)?$/;
/** Matches programs that can be called `sh`. */
const SHELL = /^(?:[bd]?ash|m?ksh|zsh)$/;

/**
 * Returns whether the recorded program has one of these names. Undefined if the recorded name may be a link to such a
 * program.
 */
function isSameProgram(names: readonly (string | undefined)[], recorded = ''): boolean | undefined {
  if (names.includes(recorded)) return true;
  const isLink = names.some((name = '') => UNDER_ANY_NAME.test(name) || (recorded === 'sh' && SHELL.test(name)));
  return isLink ? undefined : false;
}

/** Returns whether the recorded program is a shell, which can have started the other program. */
function canStart(recorded = '', program: string | undefined): boolean {
  return recorded !== program && (recorded === 'sh' || SHELL.test(recorded));
}

/** Matches characters with which a further command can begin in a shell. */
const FURTHER_COMMAND = /[;&|<>()`$]/;

/** Returns whether the word can be the recorded one, in which `***` can stand for a secret. */
function isWordOf(recorded: string, word: string): boolean {
  const [before = '', behind, ...others] = recorded.split('***');
  if (behind === undefined || others.length > 0) return word === recorded;
  const secret = word.slice(before.length, word.length - behind.length);
  return secret !== '' && word === before + secret + behind && !FURTHER_COMMAND.test(secret);
}

function wordsOf(command: string): readonly string[] {
  const [program = '', ...others] = command
    .replaceAll(/['"\\]/g, '')
    .trim()
    .split(/\s+/);
  return [program.replace(/^.*\//, ''), ...others];
}

/**
 * Returns whether the time agrees. Undefined if the text has no time. A time that the user gives is rough, so it is
 * undefined within half a day of that. If the text only says when it was written, it is undefined for older requests.
 */
function isSameTime(record: AuditRecord, described: DescribedRequest): boolean | undefined {
  const { range, stated, circumstances } = described;
  if (range.from === undefined && range.to === undefined) return undefined;
  if (!isWithin(record.time, range)) return false;
  if (stated === undefined) return isJustBefore(record, circumstances) || undefined;
  if (isWithin(record.time, stated)) return true;
  const isProcess = circumstances.isProcessStart === true && circumstances.at !== undefined;
  return isProcess && isEnded(record, described) ? false : undefined;
}

/** Returns whether the request was made at most 2 s before the time at which a log wrote it. */
function isJustBefore({ time }: AuditRecord, { at, isLogged }: Circumstances): boolean {
  return isLogged === true && at !== undefined && isWithin(time, { from: epochMillis(at - APART), to: at });
}

/**
 * Returns whether the connection had ended when the process started. Also true if the text states no process, or not
 * its time.
 */
function isEnded(record: AuditRecord, described: DescribedRequest): boolean {
  return (connectionAtProcess(record, described) ?? 'ended') === 'ended';
}

/**
 * The connection of an exec or attach when a process started. It is `unknown` if the log does not show when it ended.
 */
type Connection = 'open' | 'ended' | 'unknown';

/**
 * Returns the state of the request's connection when the process started. Undefined if the text states no process, or
 * not its time. A connection without a recorded end counts as open for `LONGEST_SESSION`. A refused connection, or one
 * that began later, counts as ended.
 */
export function connectionAtProcess(
  record: AuditRecord,
  { circumstances: { clock, isProcessStart }, stated }: DescribedRequest,
): Connection | undefined {
  const { from, to } = (clock === undefined ? stated : momentOfClock(record.time, clock)) ?? {};
  if (isProcessStart !== true || from === undefined) return undefined;
  const { time, action, response } = record;
  const ended = parseInstant(action?.endedAt ?? '');
  const isRefused = response !== undefined && response.code >= 400;
  if (isRefused || !isWithin(time, { from: epochMillis(from - LONGEST_SESSION), to })) return 'ended';
  if (ended === undefined) return 'unknown';
  return ended >= from ? 'open' : 'ended';
}

/**
 * Returns the time range around the nearest time, before or after the record, at which the clock shows this time of
 * day.
 */
function momentOfClock(time: string | undefined, clock: ClockTime): TimeRange | undefined {
  const at = parseInstant(time ?? '');
  const moment = at === undefined ? undefined : epochMillis(at - afterClock(at, clock));
  return moment === undefined ? undefined : around({ from: moment, to: moment }, APART);
}

/**
 * Returns whether the record is from this time of day, on any date. If the time of day is from an error line, the
 * record can be slightly older. Undefined for an exec that may have been open when a process started at that time of
 * day.
 */
function isAtClock(record: AuditRecord, described: DescribedRequest): boolean | undefined {
  const { clock, isWrittenAtOnce } = described.circumstances;
  const at = parseInstant(record.time ?? '');
  if (clock === undefined || at === undefined) return at === undefined ? false : undefined;
  const after = afterClock(at, clock);
  const within = (clock.isRough === true ? ROUGHLY : APART) + lengthOf(clock);
  const day = formatInstant(epochMillis(at - after)).slice(5, 10);
  if (day !== (clock.monthAndDay ?? day)) return false;
  const earliest = lengthOf(clock) - within - (isWrittenAtOnce === true ? WRITTEN_WITHIN : 0);
  return (after <= within && after >= earliest) || (isEnded(record, described) ? false : undefined);
}

function lengthOf({ lasts = 0 }: ClockTime): number {
  return lasts;
}

/**
 * Returns whether the time is in the range. A range without an end has no limit there. An unreadable time is not in any
 * range.
 */
function isWithin(time: string | undefined, { from, to }: TimeRange): boolean {
  const at = time === undefined ? undefined : parseInstant(time);
  return at !== undefined && (from === undefined || at >= from) && (to === undefined || at <= to);
}

type Request = NonNullable<AuditRecord['request']>;

/**
 * Returns whether the URIs agree. Host and trailing slash do not count. If the text has a query, the parameters that
 * change what is requested must be equal. A text without a query agrees with any. A record keeps only the beginning of
 * a long URI.
 */
function isSameUri(stated: string, recorded: string): boolean {
  const wanted = stated.replace(/^https?:\/\/[^/?#]*/, '');
  const kept = recorded.length >= LONGEST_URI && recorded.endsWith('…') ? recorded.slice(0, -2) : undefined;
  if (kept !== undefined) return wanted.startsWith(kept);
  if (wanted === recorded) return true;
  const [[path, query], [recordedPath, recordedQuery]] = [partsOf(wanted), partsOf(recorded)];
  return path === recordedPath && (query === undefined || meaningOf(query) === meaningOf(recordedQuery ?? ''));
}

function partsOf(uri: string): readonly [path: string, query: string | undefined] {
  const begin = uri.indexOf('?');
  const path = begin < 0 ? uri : uri.slice(0, begin);
  return [path.replace(/(?<=.)\/+$/, ''), begin < 0 ? undefined : uri.slice(begin + 1)];
}

/**
 * Parameters that change how the response is sent, not what is requested. Source: Kubernetes API Reference, "Common
 * Parameters".
 */
const HOW: ReadonlySet<string> = new Set([
  'limit',
  'continue',
  'timeout',
  'timeoutSeconds',
  'resourceVersion',
  'resourceVersionMatch',
  'allowWatchBookmarks',
  'sendInitialEvents',
  'pretty',
  'fieldManager',
  'fieldValidation',
]);

/** Returns the parameters that change what is requested, sorted by name. */
function meaningOf(query: string): string {
  const pairs = [...new URLSearchParams(query)].filter(([name]) => !HOW.has(name));
  return JSON.stringify(pairs.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)));
}

const LONGEST_URI = 4_095;

/**
 * Compares the objects for a text that also has the path. Returns false if they differ, and otherwise undefined,
 * because the path already shows that they agree.
 */
function isSameName(stated: Request, recorded: Request): false | undefined {
  const isOther = (['namespace', 'name'] as const).some(
    (part) => stated[part] !== undefined && recorded[part] !== undefined && stated[part] !== recorded[part],
  );
  return isOther ? false : undefined;
}

/** Subresources of a pod whose requests run something in it. */
const RUNNING: ReadonlySet<string | undefined> = new Set(['exec', 'attach']);

function isSameObject(described: DescribedRequest, recorded: Request): boolean {
  const { circumstances } = described;
  const { request = {}, isClusterWide, isProcessStart, isOfWorkload } = circumstances;
  if (isClusterWide === true && recorded.namespace !== undefined) return false;
  if (isProcessStart === true && !RUNNING.has(recorded.subresource)) return false;
  if (isOfWorkload === true)
    return (
      recorded.namespace === (request.namespace ?? recorded.namespace) &&
      recorded.name?.startsWith(`${request.name}-`) === true
    );
  // A `create` of a subresource does not create the object: the scheduler's `create` of `pods/binding` creates no pod.
  const isOther = recorded.verb === 'create' && asksForCreation(described);
  const isOfSubresource = (standsForSubresources(described) && !isOther) || isProcessStart === true;
  const names = ['resource', 'subresource', 'apiGroup', 'namespace', 'name'] as const;
  return names.every((name) => {
    if (name === 'name' && isOfCollection(described, recorded)) return true;
    if (request[name] !== undefined)
      return request[name] === (recorded[name] ?? (name === 'apiGroup' ? '' : undefined));
    return name !== 'subresource' || recorded.subresource === undefined || isOfSubresource;
  });
}

/**
 * Returns whether the request deleted all objects of the type in the text, which can include the object in the text.
 */
function isOfCollection(described: DescribedRequest, { verb, name }: Request): boolean {
  const hasType = described.circumstances.request?.resource !== undefined;
  return asksForRemoval(described) && hasType && verb === 'deletecollection' && name === undefined;
}

/**
 * Returns whether the caller is the same, apart from the access key, which is compared elsewhere. An error message
 * names the impersonated user, so a caller who impersonated that user matches too. Undefined if the text states no
 * caller.
 */
function isSameCaller(
  { accessKeyId: _key, ...stated }: StatedCaller,
  circumstances: Circumstances,
  { caller, impersonated }: AuditRecord,
): boolean | undefined {
  if (Object.values({ ...stated, as: circumstances.impersonated }).every((value) => value === undefined))
    return isUserItself(circumstances, caller);
  if (circumstances.impersonated !== undefined && circumstances.impersonated !== impersonated?.username) return false;
  const name = stated.username ?? stated.arn;
  return (name !== undefined && impersonated?.username === name) || isOfCaller(stated, caller);
}

/**
 * Returns true if the caller is an IAM user whose ARN is in the text. Otherwise undefined, because that user can have
 * assumed a role.
 */
function isUserItself({ names = [] }: Circumstances, { username, arn }: AuditRecord['caller']): true | undefined {
  return names.some((name) => name.startsWith('arn:') && (name === username || name === arn)) || undefined;
}

function isOfCaller(stated: StatedCaller, recorded: AuditRecord['caller']): boolean {
  const { username, uid, roleId, accountId, arn, sessionName } = recorded;
  const agree = (wanted: string | undefined, ...values: readonly (string | undefined)[]) =>
    wanted === undefined || values.includes(wanted);
  return (
    agree(stated.username, username) &&
    agree(stated.arn, username, arn) &&
    agree(stated.accountId, accountId) &&
    agree(stated.id, roleId, uid?.split(':').at(-1)) &&
    agree(stated.sessionName, sessionName ?? stated.sessionName) &&
    (stated.uid === undefined || isSameUid(stated.uid, uid))
  );
}

/** Returns whether two uids mean the same identity. Authenticators write different prefixes before one identity. */
function isSameUid(stated: string, recorded: string | undefined): boolean {
  if (stated === recorded) return true;
  const [one, other] = [parseUid(stated), parseUid(recorded)];
  return one !== undefined && other !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
