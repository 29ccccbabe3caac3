import type { Method } from '../../attribution/attribution.ts';
import type { Flag } from '../../attribution/flags.ts';
import { placeOf } from '../../attribution/place.ts';
import type { Reason, Status } from '../../attribution/reasons.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import type { RequestAction } from '../../audit/action.ts';
import { isDryRunOf, WORKLOADS } from '../../audit/created-object.ts';
import { clusterText, senderOf } from '../../identity/cluster.ts';
import { byTurns, fewerInTurns, RoomOfEach } from '../../turns.ts';
import type { ReadingExtent } from './request-source.ts';
import { byTime, Span } from './requests.ts';

/** Limits how many requests of each grave kind are listed. */
const MOST_LISTED = 20;
/** Limits how many places are counted for each account, and how many are listed. A caller can name any namespace. */
const MOST_PLACES = 200;

/**
 * Returns the earliest requests in the order of time. The accounts that sent them take turns, so that each has some.
 */
function listedOf(bySender: ReadonlyMap<string | undefined, readonly RequestLine[]>): RequestLine[] {
  return byTurns([...bySender.values()])
    .slice(0, MOST_LISTED)
    .sort(byTime);
}

/** Collects what one person or session did. Requests can come in any order. Memory stays limited, however many come. */
export class ActivityCollector {
  #requests = 0;
  readonly #span = new Span();
  /**
   * The requests of each grave kind, by the account that sent them. An account that forges many must not hide those of
   * other accounts.
   */
  readonly #grave = new Map<GraveKind, { count: number; readonly bySender: Map<string | undefined, RequestLine[]> }>();
  readonly #places = new Map<string, CountedPlace>();
  readonly #roomForPlaces = new RoomOfEach(MOST_PLACES);
  #placesLeft = 0;

  add(record: AuditRecord): void {
    this.#requests += 1;
    this.#span.add(record.time);
    this.#addPlace(record);
    const kinds = graveKindsOf(record);
    if (kinds.length === 0) return;
    const line = requestLine(record);
    for (const kind of kinds) this.#addGrave(kind, line, senderOf(record));
  }

  result(extent: ReadingExtent): Activity {
    const { first, last } = this.#span;
    const all = [...this.#places.values()].sort(mostFirst);
    const shown = fewerInTurns(all, ({ senders }) => [...senders], MOST_PLACES);
    const counts = shown.map(({ place, count }) => ({ ...place, count }));
    const countsLeft = this.#placesLeft + sumOf(all) - sumOf(shown);
    const grave = GRAVE_KINDS.flatMap((kind): GraveRequests[] => {
      const found = this.#grave.get(kind);
      return found === undefined ? [] : [{ kind, count: found.count, listed: listedOf(found.bySender) }];
    });
    return { requests: this.#requests, first, last, grave, counts, countsLeft, ...extent };
  }

  #addGrave(kind: GraveKind, line: RequestLine, sender: string | undefined): void {
    const found = this.#grave.get(kind) ?? { count: 0, bySender: new Map() };
    this.#grave.set(kind, found);
    found.count += 1;
    const lines = found.bySender.get(sender) ?? [];
    found.bySender.set(sender, lines);
    lines.push(line);
    if (lines.length > 1) lines.sort(byTime);
    if (lines.length > MOST_LISTED) lines.pop();
  }

  #addPlace(record: AuditRecord): void {
    const { namespace } = placeOf(record);
    const place = { cluster: clusterText(record) || undefined, namespace, verb: record.request?.verb ?? '' };
    const key = JSON.stringify(place);
    const sender = senderOf(record);
    const known = this.#places.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.senders.add(sender);
    } else if (this.#roomForPlaces.take(sender)) this.#places.set(key, { place, count: 1, senders: new Set([sender]) });
    else this.#placesLeft += 1;
  }
}

/** A place, with its requests and the accounts that sent them. */
interface CountedPlace {
  readonly place: Omit<PlaceCount, 'count'>;
  count: number;
  readonly senders: Set<string | undefined>;
}

function mostFirst(a: CountedPlace, b: CountedPlace): number {
  return b.count - a.count || (JSON.stringify(a.place) < JSON.stringify(b.place) ? -1 : 1);
}

function sumOf(places: readonly CountedPlace[]): number {
  return places.reduce((sum, { count }) => sum + count, 0);
}

export function requestLine(record: AuditRecord): RequestLine {
  const { time, auditId, request, action, response, source, impersonated, authorization, attribution } = record;
  const { namespace, verb, resource, subresource, name, uri } = request ?? {};
  return {
    time,
    auditId,
    cluster: clusterText(record) || undefined,
    namespace,
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    name,
    uri: resource === undefined || isDryRunOf(request ?? {}) ? uri : undefined,
    action: action && withoutEnd(action),
    code: response?.code,
    ip: source?.ips?.at(-1),
    userAgent: source?.userAgent,
    impersonated: impersonated && (impersonated.original ?? impersonated.username),
    reason: attribution.flags.includes('anonymous-access') ? authorization?.reason : undefined,
  };
}

/**
 * Returns the action without its end, or undefined if nothing else is left. Only the last stage of a request has an
 * end. A reader may meet another stage first, so the end must not count.
 */
function withoutEnd({ endedAt: _, ...action }: RequestAction): RequestAction | undefined {
  return Object.keys(action).length === 0 ? undefined : action;
}

/**
 * A session of one person. The facts come from the grant that issued it, from the requests that used it, or from both.
 */
export interface SessionUse {
  readonly session?: string | undefined;
  /**
   * The access key of the grant, or of the requests. A request that states no key is not counted under the grant's key.
   */
  readonly accessKeyId?: string | undefined;
  /** The long-term access key with which its chain began, if it began with one. */
  readonly callerAccessKeyId?: string | undefined;
  /** The username of the caller. Present if neither session nor key is known. */
  readonly username?: string | undefined;
  readonly role?: string | undefined;
  /** The time at which the grant issued it, if the grant is known. */
  readonly issuedAt?: string | undefined;
  readonly expiresAt?: string | undefined;
  /** The number of the session's requests in the time range. */
  readonly requests: number;
  /** The clusters of these requests, each by its ARN or name. */
  readonly clusters: readonly string[];
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  readonly status: Status;
  readonly method?: Method | undefined;
  /** The flags of these requests and of the grant. Absent if there are none. */
  readonly flags?: readonly Flag[] | undefined;
  /** The event IDs of the CloudTrail records that prove the session. */
  readonly eventIds: readonly string[];
}

/** The activity of a person or session in the time range. Each request counts once, however many stages it has. */
export interface Activity extends ReadingExtent {
  readonly requests: number;
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  readonly grave: readonly GraveRequests[];
  /** The requests by place and verb, the most frequent first. */
  readonly counts: readonly PlaceCount[];
  /** The number of requests that `counts` leaves out, because it has as many places and verbs as the limit allows. */
  readonly countsLeft: number;
}

export interface GraveRequests {
  readonly kind: GraveKind;
  readonly count: number;
  /** The earliest requests, up to the limit. */
  readonly listed: readonly RequestLine[];
}

export interface RequestLine {
  readonly time?: string | undefined;
  readonly auditId: string;
  /** The cluster's ARN, or its name if the ARN is not known. */
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  readonly verb?: string | undefined;
  readonly resource?: string | undefined;
  readonly name?: string | undefined;
  readonly uri?: string | undefined;
  readonly action?: RequestAction | undefined;
  readonly code?: number | undefined;
  /** The last source IP of the request, which is the only one that the client cannot write. */
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly impersonated?: string | undefined;
  /** `authorization.reason`. Present only for an anonymous caller that was let in. */
  readonly reason?: string | undefined;
}

export interface PlaceCount {
  /** The cluster's ARN, or its name if the ARN is not known. */
  readonly cluster?: string | undefined;
  readonly namespace: string;
  readonly verb: string;
  readonly count: number;
}

export interface Callers extends ReadingExtent {
  readonly requests: number;
  readonly callers: readonly CallerRow[];
  /** The number of requests by callers beyond the limit. */
  readonly left: number;
}

/** Requests that look like those of one caller. */
export interface CallerRow {
  readonly status: Status;
  /** The labels of the actor or of the candidates. For the cluster's own callers, such as nodes, it is the username. */
  readonly actors: readonly string[];
  readonly reason?: Reason | undefined;
  readonly session?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly username?: string | undefined;
  /** Whether one of the candidates has a section in the report. */
  readonly mayBeReportedActor: boolean;
  readonly requests: number;
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  /** The audit ID of the latest of them. */
  readonly auditId: string;
}

/** The kinds of requests that a report lists one by one, in its order. */
export const GRAVE_KINDS = [
  'secrets-read',
  'exec',
  'delete',
  'denied',
  'token-request',
  'token-use',
  'rbac-change',
  'workload-created',
  'workload-changed',
  'impersonation',
  'anonymous-read',
  'anonymous-change',
  'dry-run',
] as const;
export type GraveKind = (typeof GRAVE_KINDS)[number];

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
/** Verbs that change nothing, also for paths that are not resources. */
const ASKS: ReadonlySet<string> = new Set([...READS, 'head', 'options']);
const DELETES: ReadonlySet<string> = new Set(['delete', 'deletecollection']);
const EDITS: ReadonlySet<string> = new Set(['update', 'patch']);
const CHANGES: ReadonlySet<string> = new Set([...DELETES, 'create', ...EDITS]);
/** Subresources that give access to a container, or to a node's kubelet, which runs commands in any of its pods. */
const INTO_CONTAINERS: ReadonlySet<string> = new Set([
  'pods/exec',
  'pods/attach',
  'pods/portforward',
  'pods/proxy',
  'pods/ephemeralcontainers',
  'nodes/proxy',
]);
const RBAC: ReadonlySet<string> = new Set(['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']);
const WORKLOAD_RESOURCES: ReadonlySet<string> = new Set(WORKLOADS.map(({ resource }) => resource));
/** Response codes: not authenticated, and forbidden. */
const DENIED: ReadonlySet<number> = new Set([401, 403]);

/**
 * Returns the reasons why a request is listed by itself; none if it is only counted. A denied request had no effect, so it
 * has no other kind. A dry run changed nothing, so it has none of the kinds that say what was changed.
 */
export function graveKindsOf({ request, response, impersonated, attribution }: AuditRecord): readonly GraveKind[] {
  // The API server let a proxied request in, whatever the server behind it answered.
  const isLetIn = attribution.flags.includes('anonymous-access');
  if (DENIED.has(response?.code ?? 0) && !isLetIn) return ['denied'];
  const { verb, what, isDry } = deedOf(request);
  const changed = isDry ? '' : verb;
  const workloadVerb = WORKLOAD_RESOURCES.has(what) ? changed : '';
  const kinds: readonly (readonly [GraveKind, boolean])[] = [
    ['secrets-read', what === 'secrets' && READS.has(verb)],
    ['exec', INTO_CONTAINERS.has(what)],
    ['delete', DELETES.has(changed)],
    ['token-request', what === 'serviceaccounts/token' && verb === 'create'],
    ['token-use', attribution.flags.includes('token-of-service-account')],
    ['rbac-change', CHANGES.has(changed) && (RBAC.has(what) || isAwsAuth(request))],
    ['workload-created', workloadVerb === 'create'],
    ['workload-changed', EDITS.has(workloadVerb)],
    ['impersonation', impersonated !== undefined],
    ['anonymous-read', isLetIn && ASKS.has(verb)],
    ['anonymous-change', isLetIn && !isDry && !ASKS.has(verb)],
    ['dry-run', isDry],
  ];
  return kinds.flatMap(([kind, isOf]) => (isOf ? kind : []));
}

function deedOf(request: AuditRecord['request'] = {}) {
  const { verb = '', resource = '', subresource } = request;
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return { verb, what, isDry: isDryRunOf(request) };
}

/**
 * Returns whether the request is about the config map that maps IAM identities to users and groups of the cluster.
 * Whoever
 * changes it can make anybody an administrator.
 */
function isAwsAuth(request: AuditRecord['request']): boolean {
  const { resource, namespace, name } = request ?? {};
  return resource === 'configmaps' && namespace === 'kube-system' && name === 'aws-auth';
}
