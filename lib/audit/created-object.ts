import type { AuditId } from '../identity/audit-id.ts';
import { type ClusterKey, clusterKeyOf } from '../identity/cluster.ts';
import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import type { AuditEvent, AuditRequest, CreatedIds, ObjectOwner } from './audit-event.ts';
import type { EventSite } from './event-site.ts';

/**
 * Pods and the resources that create them, each with its kind, API group and resource (Kubernetes, core/v1, apps/v1,
 * batch/v1).
 */
export const WORKLOADS = [
  { kind: 'Pod', apiGroup: '', resource: 'pods' },
  { kind: 'ReplicaSet', apiGroup: 'apps', resource: 'replicasets' },
  { kind: 'Deployment', apiGroup: 'apps', resource: 'deployments' },
  { kind: 'StatefulSet', apiGroup: 'apps', resource: 'statefulsets' },
  { kind: 'DaemonSet', apiGroup: 'apps', resource: 'daemonsets' },
  { kind: 'Job', apiGroup: 'batch', resource: 'jobs' },
  { kind: 'CronJob', apiGroup: 'batch', resource: 'cronjobs' },
] as const;
export type WorkloadKind = (typeof WORKLOADS)[number]['kind'];
export const WORKLOAD_KINDS = WORKLOADS.map(({ kind }) => kind);

/**
 * A pod, or an object that creates pods, as the audit event of its create request shows it. It says which request
 * created the object of this uid, and which owners the object states. Only `related` uses it. No attribution rests on
 * it, because it does not say who is inside a pod.
 * Trust: the API server states uid and time. The client can choose `auditId`. Whoever created the object wrote
 * `owners`. Source: audit.k8s.io/v1, Event, `responseObject`, and meta/v1, ObjectMeta. EKS logs it (FACTS, "Kubernetes
 * identities").
 */
export interface CreatedObject extends CreatedIds {
  readonly kind: WorkloadKind;
  readonly clusterKey: ClusterKey;
  readonly namespace: string;
  /** The name in the request. Absent if the server generated the name (`generateName`). */
  readonly name?: string | undefined;
  readonly auditId: AuditId;
  readonly createdAt: EpochMillis;
  /** The account of another stack that handed the event over. Its events can name any cluster. */
  readonly handedOverBy?: string | undefined;
}

/** Limits the owners that are kept. An object usually has one, but its creator can list thousands. */
const MOST_OWNERS = 4;
/**
 * The longest texts, in UTF-16 code units. Uids are UUIDs, names are DNS subdomains, and kinds are DNS labels. A
 * client's audit ID can be anything.
 */
const LONGEST = { uid: 64, name: 253, kind: 63, namespace: 63, auditId: 256 } as const;

/**
 * Returns the uid and the owners of the created object, from the response body. Undefined if the request created
 * neither a pod nor an owner of pods. That includes refusals, and dry runs, whose response has a uid that no object
 * ever gets.
 */
export function createdIdsOf(event: JsonObject): CreatedIds | undefined {
  const body = objectAt(event, 'responseObject');
  if (body === undefined || !isCreate(event) || kindOfReference(objectAt(event, 'objectRef')) === undefined)
    return undefined;
  const metadata = objectAt(body, 'metadata');
  const uid = shortText(metadata, 'uid');
  if (uid === undefined) return undefined;
  const owners = (listAt(metadata, 'ownerReferences') ?? []).slice(0, MOST_OWNERS).flatMap(ownerOf);
  return { uid, owners };
}

/**
 * Returns whether the request created an object. The response code to a server-side apply or an update that creates is
 * 201.
 */
function isCreate(event: JsonObject): boolean {
  const verb = textAt(event, 'verb');
  const code = objectAt(event, 'responseStatus')?.code;
  const created = code === 201 || (verb === 'create' && typeof code === 'number' && code >= 200 && code < 300);
  const writes = verb === 'create' || verb === 'patch' || verb === 'update';
  return writes && created && !isDryRun(textAt(event, 'requestURI'));
}

/**
 * Returns whether the URI asks for a dry run, which only `?dryRun=All` does (Kubernetes API Concepts, "Dry-run"). It
 * parses the query as the API server does: Go's `net/url` drops pairs with a `;` or a broken escape.
 */
export function isDryRun(uri = ''): boolean {
  const begin = uri.indexOf('?');
  if (begin < 0) return false;
  return uri
    .slice(begin + 1)
    .split('&')
    .some((pair) => !pair.includes(';') && isPlain(pair) && new URLSearchParams(pair).get('dryRun') === 'All');
}

/** Verbs of requests that can be dry runs. Reads ignore `dryRun`. */
const CHANGING: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
/**
 * Subresources whose requests ignore `dryRun`: a connection is opened, and a token is issued. Source: kubernetes,
 * pkg/registry/core/serviceaccount/storage/token.go (FACTS, "Kubernetes identities").
 */
const NEVER_DRY: ReadonlySet<string | undefined> = new Set(['exec', 'attach', 'portforward', 'proxy', 'token']);

/** Returns whether the request was a dry run, and so changed nothing. */
export function isDryRunOf({
  verb = '',
  subresource,
  uri,
}: Partial<Pick<AuditRequest, 'verb' | 'subresource' | 'uri'>>): boolean {
  return CHANGING.has(verb) && !NEVER_DRY.has(subresource) && isDryRun(uri);
}

function isPlain(pair: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(pair);
}

function kindOfReference(reference: JsonObject | undefined): WorkloadKind | undefined {
  if (filledTextAt(reference, 'subresource') !== undefined) return undefined;
  const group = textAt(reference, 'apiGroup') ?? '';
  const resource = textAt(reference, 'resource');
  return WORKLOADS.find((each) => each.resource === resource && each.apiGroup === group)?.kind;
}

function ownerOf(value: unknown): ObjectOwner[] {
  if (!isJsonObject(value)) return [];
  const [uid, kind, name] = [shortText(value, 'uid'), shortText(value, 'kind'), shortText(value, 'name')];
  return uid === undefined || kind === undefined || name === undefined ? [] : [{ uid, kind, name }];
}

/** Returns the text at `field`. Undefined if it is longer than Kubernetes allows. */
function shortText(object: JsonObject | undefined, field: 'uid' | 'kind' | 'name'): string | undefined {
  const text = filledTextAt(object, field);
  return text !== undefined && text.length <= LONGEST[field] ? text : undefined;
}

/** Returns the object that the event created. Undefined if there is none, or if its time cannot be parsed. */
export function createdObjectOf(event: AuditEvent, site: EventSite): CreatedObject | undefined {
  const { created, request, at, auditId } = event;
  if (created === undefined || at === undefined) return undefined;
  const { apiGroup, resource, namespace, name } = request;
  const kind = WORKLOADS.find((each) => each.resource === resource && each.apiGroup === apiGroup)?.kind;
  if (kind === undefined) return undefined;
  if (namespace === undefined || namespace.length > LONGEST.namespace || auditId.length > LONGEST.auditId)
    return undefined;
  const named = name !== undefined && name.length <= LONGEST.name ? name : undefined;
  const { uid, owners } = created;
  const { handedOverBy } = site.origin ?? {};
  const clusterKey = clusterKeyOf(site);
  return { kind, uid, owners, clusterKey, namespace, name: named, auditId, createdAt: at, handedOverBy };
}

/** Orders events that claim to have created the same object. Those of the own stack come first, then the earliest. */
export function mostCredibleFirst(a: CreatedObject, b: CreatedObject): number {
  const byHandover = Number(a.handedOverBy !== undefined) - Number(b.handedOverBy !== undefined);
  return byHandover || a.createdAt - b.createdAt || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}
