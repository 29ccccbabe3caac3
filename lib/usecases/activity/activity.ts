import type { Flag } from '../../attribution/flags.ts';
import { placeOf } from '../../attribution/place.ts';
import type { Reason, Status } from '../../attribution/reasons.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import type { ReadingExtent } from './request-source.ts';
import { byTime, Span } from './requests.ts';

/** Of each grave kind so many requests are listed. */
const MOST_LISTED = 20;
/** Whoever calls can name any namespace. */
const MOST_PLACES = 200;

/** What somebody did, as its requests come in whatever order: bounded, however many they are. */
export class ActivityGathering {
  #requests = 0;
  readonly #span = new Span();
  readonly #grave = new Map<GraveKind, { count: number; listed: RequestLine[] }>();
  readonly #places = new Map<string, { place: Omit<PlaceCount, 'count'>; count: number }>();
  #placesLeft = 0;

  add(record: AuditRecord): void {
    this.#requests += 1;
    this.#span.add(record.time);
    this.#addPlace(record);
    const kinds = graveKindsOf(record);
    if (kinds.length === 0) return;
    const line = requestLine(record);
    for (const kind of kinds) this.#addGrave(kind, line);
  }

  result(looked: ReadingExtent): Activity {
    const { first, last } = this.#span;
    const counts = [...this.#places.values()].map(({ place, count }) => ({ ...place, count })).sort(mostFirst);
    const grave = GRAVE_KINDS.flatMap((kind): GraveRequests[] => {
      const found = this.#grave.get(kind);
      return found === undefined ? [] : [{ kind, ...found }];
    });
    return { requests: this.#requests, first, last, grave, counts, countsLeft: this.#placesLeft, ...looked };
  }

  #addGrave(kind: GraveKind, line: RequestLine): void {
    const found = this.#grave.get(kind) ?? { count: 0, listed: [] };
    this.#grave.set(kind, found);
    found.count += 1;
    found.listed.push(line);
    if (found.listed.length > 1) found.listed.sort(byTime);
    if (found.listed.length > MOST_LISTED) found.listed.pop();
  }

  #addPlace(record: AuditRecord): void {
    const { namespace } = placeOf(record);
    const place = { cluster: record.cluster, namespace, verb: record.request?.verb ?? '' };
    const key = JSON.stringify(place);
    const known = this.#places.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#places.size < MOST_PLACES) this.#places.set(key, { place, count: 1 });
    else this.#placesLeft += 1;
  }
}

function mostFirst(a: PlaceCount, b: PlaceCount): number {
  return b.count - a.count || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}

export function requestLine({
  time,
  auditId,
  cluster,
  request,
  response,
  source,
  impersonated,
  authorization,
  attribution,
}: AuditRecord): RequestLine {
  const { namespace, verb, resource, subresource, name, uri } = request ?? {};
  return {
    time,
    auditId,
    cluster,
    namespace,
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    name,
    uri: resource === undefined ? uri : undefined,
    code: response?.code,
    ip: source?.ips?.at(-1),
    userAgent: source?.userAgent,
    impersonated: impersonated && (impersonated.original ?? impersonated.username),
    reason: attribution.flags.includes('anonymous-access') ? authorization?.reason : undefined,
  };
}

/** One session of somebody: as a grant issued it, as requests were made with it, or both. */
export interface SessionUse {
  readonly session?: string | undefined;
  /** Of a grant, or as the requests state it: a request that states none is not counted under the grant's key. */
  readonly accessKeyId?: string | undefined;
  /** Where neither is known. */
  readonly username?: string | undefined;
  readonly role?: string | undefined;
  /** Of the grant, where it is known. */
  readonly issuedAt?: string | undefined;
  readonly expiresAt?: string | undefined;
  /** In the window. */
  readonly requests: number;
  /** In which its requests were made. */
  readonly clusters: readonly string[];
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  readonly status: Status;
  readonly method?: string | undefined;
  /** Of its requests and its grant; absent where there is none. */
  readonly flags?: readonly Flag[] | undefined;
  /** CloudTrail's records that it rests on. */
  readonly eventIds: readonly string[];
}

/** What one of them did in the window. A request is counted once, whatever stages it has. */
export interface Activity extends ReadingExtent {
  readonly requests: number;
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  readonly grave: readonly GraveRequests[];
  /** The most frequent first. */
  readonly counts: readonly PlaceCount[];
  /** Requests of places and verbs beyond those that are counted. */
  readonly countsLeft: number;
}

export interface GraveRequests {
  readonly kind: GraveKind;
  readonly count: number;
  /** The earliest, so many at most. */
  readonly listed: readonly RequestLine[];
}

export interface RequestLine {
  readonly time?: string | undefined;
  readonly auditId: string;
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  readonly verb?: string | undefined;
  readonly resource?: string | undefined;
  readonly name?: string | undefined;
  readonly uri?: string | undefined;
  readonly code?: number | undefined;
  /** The one that the client did not write. */
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly impersonated?: string | undefined;
  /** `authorization.reason`, only of an anonymous caller that was let in. */
  readonly reason?: string | undefined;
}

export interface PlaceCount {
  readonly cluster?: string | undefined;
  readonly namespace: string;
  readonly verb: string;
  readonly count: number;
}

export interface Callers extends ReadingExtent {
  readonly requests: number;
  readonly callers: readonly CallerRow[];
  /** Requests of callers beyond those that are listed. */
  readonly left: number;
}

/** Requests that look like one caller's. */
export interface CallerRow {
  readonly status: Status;
  /** Who it is, or who can be meant; of the cluster's own callers, as nodes, the username. */
  readonly actors: readonly string[];
  readonly reason?: Reason | undefined;
  readonly session?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly username?: string | undefined;
  /** Whether somebody of the report's sections can be meant. */
  readonly mayBeMeant: boolean;
  readonly requests: number;
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  /** Of the first of them that was read. */
  readonly auditId: string;
}

/** What a report shows one by one, in the order in which it does. */
export const GRAVE_KINDS = [
  'secrets-read',
  'exec',
  'delete',
  'denied',
  'token-request',
  'rbac-change',
  'impersonation',
  'anonymous-read',
  'anonymous-change',
] as const;
export type GraveKind = (typeof GRAVE_KINDS)[number];

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
/** Of paths that are no resource, too. */
const ASKS: ReadonlySet<string> = new Set([...READS, 'head', 'options']);
const DELETES: ReadonlySet<string> = new Set(['delete', 'deletecollection']);
const CHANGES: ReadonlySet<string> = new Set([...DELETES, 'create', 'update', 'patch']);
/** Each leads into a container, or to a node's kubelet, which runs commands in any of its pods. */
const INTO_CONTAINERS: ReadonlySet<string> = new Set([
  'pods/exec',
  'pods/attach',
  'pods/portforward',
  'pods/proxy',
  'pods/ephemeralcontainers',
  'nodes/proxy',
]);
const RBAC: ReadonlySet<string> = new Set(['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']);
/** Not authenticated, and forbidden. */
const DENIED: ReadonlySet<number> = new Set([401, 403]);

/** Why a request is shown by itself; none where it is only counted. What was denied had no other effect. */
export function graveKindsOf({ request, response, impersonated, attribution }: AuditRecord): readonly GraveKind[] {
  // A proxied request was let in, whatever the server behind it answered.
  const isLetIn = attribution.flags.includes('anonymous-access');
  if (DENIED.has(response?.code ?? 0) && !isLetIn) return ['denied'];
  const { verb = '', resource = '', subresource } = request ?? {};
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const kinds: readonly (readonly [GraveKind, boolean])[] = [
    ['secrets-read', what === 'secrets' && READS.has(verb)],
    ['exec', INTO_CONTAINERS.has(what)],
    ['delete', DELETES.has(verb)],
    ['token-request', what === 'serviceaccounts/token' && verb === 'create'],
    ['rbac-change', CHANGES.has(verb) && (RBAC.has(what) || isAwsAuth(request))],
    ['impersonation', impersonated !== undefined],
    ['anonymous-read', isLetIn && ASKS.has(verb)],
    ['anonymous-change', isLetIn && !ASKS.has(verb)],
  ];
  return kinds.flatMap(([kind, isOf]) => (isOf ? kind : []));
}

/** The config map that maps IAM to users and groups of the cluster: whoever changes it can make anybody an administrator. */
function isAwsAuth(request: AuditRecord['request']): boolean {
  const { resource, namespace, name } = request ?? {};
  return resource === 'configmaps' && namespace === 'kube-system' && name === 'aws-auth';
}
