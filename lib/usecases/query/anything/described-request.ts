import type { AuditRecord } from '../../../attribution/record.ts';
import { maskedUri } from '../../../audit/action.ts';
import { isSameCluster } from '../../../identity/cluster.ts';
import { parseSessionPrincipal } from '../../../identity/session-name.ts';
import { parseUid } from '../../../identity/uid.ts';
import type { TimeRange } from '../../../ports/paging.ts';
import type { Circumstances, Subject } from '../../../recognize/subject.ts';
import { type EpochMillis, epochMillis, parseInstant, SECOND } from '../../../time.ts';
import { LONGEST_SESSION } from '../doubt.ts';

/** A feature that a text and a recorded request can share, named like the fields of the answer's `request`. */
export type Feature = 'cluster' | 'time' | 'verb' | 'uri' | 'resource' | 'username' | 'code' | 'ips' | 'userAgent';

/** One request as a pasted text describes it. Recorded requests are compared with it. */
export interface DescribedRequest {
  readonly circumstances: Circumstances;
  readonly caller: StatedCaller;
  /** The verbs that the log can have for the stated verb. Empty if none is stated. */
  readonly verbs: readonly string[];
  /** The possible time range, widened by the difference of clocks. An unknown end is absent. */
  readonly range: TimeRange;
  /** The times that are stated. */
  readonly times: readonly EpochMillis[];
}

/** What the text says about the caller. Trust: that of the text. */
interface StatedCaller {
  readonly username?: string | undefined;
  readonly uid?: string | undefined;
  readonly sessionName?: string | undefined;
  /** The ID of a role or an IAM user: the end of the uid. */
  readonly id?: string | undefined;
  readonly arn?: string | undefined;
}

/** In milliseconds: how much the times of one request can differ between the log and texts made from it. */
const APART = 2 * SECOND;

/**
 * Returns the request, if the text describes one without naming its record: with a path or an object, and without an
 * access key or audit ID. `at` is the time of the request, if the user gives it instead of the text.
 */
export function describedRequest(
  { circumstances, ...subject }: Subject,
  at?: EpochMillis,
): DescribedRequest | undefined {
  const { request, auditId } = circumstances;
  if (auditId !== undefined || (request?.uri ?? request?.resource) === undefined) return undefined;
  const caller = statedCaller(subject);
  const times = [circumstances.since, circumstances.at ?? at].filter((time) => time !== undefined);
  return caller && { circumstances, caller, verbs: verbsOf(request?.verb), range: rangeOf(circumstances, at), times };
}

/**
 * The log's verbs for each HTTP method. GuardDuty states the method ("HTTP verb"; API Reference,
 * "KubernetesApiCallAction").
 */
const OF_METHODS: Readonly<Record<string, readonly string[]>> = {
  GET: ['get', 'list', 'watch'],
  POST: ['create', 'post'],
  PUT: ['update', 'put'],
  DELETE: ['delete', 'deletecollection'],
};

function verbsOf(verb: string | undefined): readonly string[] {
  if (verb === undefined) return [];
  return (Object.hasOwn(OF_METHODS, verb) ? OF_METHODS[verb] : undefined) ?? [verb.toLowerCase()];
}

type WithoutCircumstances<T> = T extends unknown ? Omit<T, 'circumstances'> : never;

/** Returns the caller. Undefined if the text states an access key, or nothing that an audit record has. */
function statedCaller(subject: WithoutCircumstances<Subject>): StatedCaller | undefined {
  if (accessKeyOf(subject) !== undefined) return undefined;
  switch (subject.by) {
    case 'caller': {
      const { uid, username, sessionName, principal } = subject.question;
      const session = parseSessionPrincipal(principal);
      if (principal === undefined) return { uid, username, sessionName };
      return session?.id.startsWith('AROA') === true ? { id: session.id, sessionName: session.name } : undefined;
    }
    case 'session':
      return { arn: subject.arn };
    case 'username':
      return { username: subject.username };
    case 'role':
      return /^AROA[A-Z0-9]+$/.test(subject.role) ? { id: subject.role } : undefined;
    case 'person':
      return /^AIDA[A-Z0-9]+$/.test(subject.person) ? { id: subject.person } : undefined;
    default:
      return undefined;
  }
}

function accessKeyOf(subject: WithoutCircumstances<Subject>): string | undefined {
  if (subject.by === 'session') return subject.accessKeyId;
  return subject.by === 'caller' ? subject.question.accessKeyId : undefined;
}

/** Returns the possible time range. The time at which a finding was written is only its end. */
function rangeOf({ at: circumstances, since, isWrittenLater }: Circumstances, at: EpochMillis | undefined): TimeRange {
  if (circumstances !== undefined) {
    const first = since ?? (isWrittenLater === true ? undefined : circumstances);
    return { from: first && epochMillis(first - APART), to: epochMillis(circumstances + APART) };
  }
  if (at === undefined) return {};
  return { from: epochMillis(at - LONGEST_SESSION), to: epochMillis(at + LONGEST_SESSION) };
}

/** The comparison of a recorded request with a described one, in what both state. */
export interface Comparison {
  /** Whether it can be the same request: everything that the text states is equal, except source IP and user agent. */
  readonly fits: boolean;
  readonly agrees: readonly Feature[];
  readonly differs: readonly Feature[];
}

export function compareRequest(record: AuditRecord, described: DescribedRequest): Comparison {
  const all = Object.entries(featuresOf(record, described)) as [Feature, boolean | undefined][];
  const agrees = all.flatMap(([feature, agree]) => (agree === true ? [feature] : []));
  const differs = all.flatMap(([feature, agree]) => (agree === false ? [feature] : []));
  return { fits: differs.every((feature) => feature === 'ips' || feature === 'userAgent'), agrees, differs };
}

/** Returns whether each feature is equal. Undefined if the text does not state it, or the log does not name its cluster. */
function featuresOf(record: AuditRecord, { circumstances, caller, verbs, range }: DescribedRequest) {
  const { sourceIps, userAgent, request: stated = {}, code } = circumstances;
  const { source, request = {} } = record;
  const ip = sourceIps?.at(-1);
  const isByUri = stated.uri !== undefined && request.uri !== undefined;
  return {
    cluster: isSameCluster(circumstances, record),
    time: range.from === undefined && range.to === undefined ? undefined : isWithin(record.time, range),
    verb: verbs.length === 0 ? undefined : verbs.includes(request.verb?.toLowerCase() ?? ''),
    uri: isByUri ? isSameUri(maskedUri(stated.uri), request.uri) : undefined,
    resource: isByUri ? undefined : isSameObject(circumstances, request),
    username: isSameCaller(caller, circumstances, record),
    code: code === undefined ? undefined : code === record.response?.code,
    ips: ip === undefined ? undefined : source?.ips?.includes(ip) === true,
    userAgent: userAgent === undefined ? undefined : userAgent === source?.userAgent,
  } satisfies Record<Feature, boolean | undefined>;
}

/** Whether the time is within the known ends of the range. An unreadable time is not. */
function isWithin(time: string | undefined, { from, to }: TimeRange): boolean {
  const at = time === undefined ? undefined : parseInstant(time);
  return at !== undefined && (from === undefined || at >= from) && (to === undefined || at <= to);
}

type Request = NonNullable<AuditRecord['request']>;

/** Whether the URIs are equal. A text can omit the query, and a record keeps a limited length. */
function isSameUri(stated: string, recorded: string): boolean {
  const kept = recorded.length >= LONGEST_URI && recorded.endsWith('…') ? recorded.slice(0, -2) : undefined;
  if (kept !== undefined) return stated.startsWith(kept);
  return stated === (stated.includes('?') ? recorded : recorded.split('?', 1)[0]);
}

const LONGEST_URI = 4_095;

function isSameObject({ request = {}, isClusterWide }: Circumstances, recorded: Request): boolean {
  if (isClusterWide === true && recorded.namespace !== undefined) return false;
  const names = ['resource', 'subresource', 'apiGroup', 'namespace', 'name'] as const;
  return names.every((name) => {
    if (request[name] !== undefined)
      return request[name] === (recorded[name] ?? (name === 'apiGroup' ? '' : undefined));
    return name !== 'subresource' || recorded.subresource === undefined;
  });
}

/** Whether the caller is the same. A refusal names the impersonated user, so an impersonator matches too. */
function isSameCaller(
  stated: StatedCaller,
  circumstances: Circumstances,
  { caller, impersonated }: AuditRecord,
): boolean {
  if (circumstances.impersonated !== undefined && circumstances.impersonated !== impersonated?.username) return false;
  const name = stated.username ?? stated.arn;
  return (name !== undefined && impersonated?.username === name) || isOfCaller(stated, caller);
}

function isOfCaller(stated: StatedCaller, { username, uid, roleId, arn, sessionName }: AuditRecord['caller']): boolean {
  const agree = (wanted: string | undefined, ...recorded: readonly (string | undefined)[]) =>
    wanted === undefined || recorded.includes(wanted);
  return (
    agree(stated.username, username) &&
    agree(stated.arn, username, arn) &&
    agree(stated.id, roleId, uid?.split(':').at(-1)) &&
    agree(stated.sessionName, sessionName ?? stated.sessionName) &&
    (stated.uid === undefined || isSameUid(stated.uid, uid))
  );
}

/** Whether the uids are the same identity. Authenticators use several prefixes for one identity. */
function isSameUid(stated: string, recorded: string | undefined): boolean {
  if (stated === recorded) return true;
  const [one, other] = [parseUid(stated), parseUid(recorded)];
  return one !== undefined && other !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
