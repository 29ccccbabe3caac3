import type { AuditId } from '../identity/audit-id.ts';
import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import type { AuditEvent, CreatedIds, ObjectOwner } from './audit-event.ts';

/** What pods come from, and pods themselves: resource, API group and kind of each (Kubernetes, core/v1, apps/v1, batch/v1). */
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
 * A pod, or what pods come from, as the audit event of its create shows it: which request made the object of this uid, and
 * whose it says to be. For `related` alone: no attribution rests on it, since who is inside a pod it does not say.
 *
 * Trust: uid and time are the API server's, `auditId` may be the client's, `owners` are the word of whoever created it.
 * Source: audit.k8s.io/v1, Event, `responseObject`; meta/v1, ObjectMeta. EKS logs it (FACTS, "Kubernetes identities").
 */
export interface CreatedObject extends CreatedIds {
  readonly kind: WorkloadKind;
  readonly cluster?: string | undefined;
  readonly namespace: string;
  /** As the request has it; absent where the server made the name up (`generateName`). */
  readonly name?: string | undefined;
  readonly auditId: AuditId;
  readonly createdAt: EpochMillis;
  /** Another stack tells of it, which may say that it is of any cluster. */
  readonly handedOverBy?: string | undefined;
}

/** An object has one owner as a rule; whoever creates it may list thousands. */
const MOST_OWNERS = 4;
/** In UTF-16 code units: uids are UUIDs, names of objects DNS subdomains, kinds DNS labels, a client's audit ID anything. */
const LONGEST = { uid: 64, name: 253, kind: 63, namespace: 63, auditId: 256 } as const;

/**
 * The uid and the owners of what the request created, of the response body; undefined where it created nothing that pods
 * come from: another resource, a refusal, a dry run, whose answer has a uid that no object ever has.
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

/** Applied by the server, what was not there yet is created by a patch, or an update, which is then answered with 201. */
function isCreate(event: JsonObject): boolean {
  const verb = textAt(event, 'verb');
  const code = objectAt(event, 'responseStatus')?.code;
  const created = code === 201 || (verb === 'create' && typeof code === 'number' && code >= 200 && code < 300);
  const writes = verb === 'create' || verb === 'patch' || verb === 'update';
  return writes && created && !isDryRun(textAt(event, 'requestURI'));
}

/**
 * `?dryRun=All` (Kubernetes API Concepts, "Dry-run"); no other value is one. The query is read as the API server reads it:
 * Go's `net/url` drops pairs with a `;` or a damaged escape.
 */
export function isDryRun(uri = ''): boolean {
  const begin = uri.indexOf('?');
  if (begin < 0) return false;
  return uri
    .slice(begin + 1)
    .split('&')
    .some((pair) => !pair.includes(';') && isPlain(pair) && new URLSearchParams(pair).get('dryRun') === 'All');
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

/** Longer than Kubernetes lets it be it is no such text. */
function shortText(object: JsonObject | undefined, field: 'uid' | 'kind' | 'name'): string | undefined {
  const text = filledTextAt(object, field);
  return text !== undefined && text.length <= LONGEST[field] ? text : undefined;
}

/** Undefined where the event created none, or at a time that nobody can read. */
export function createdObjectOf(
  event: AuditEvent,
  cluster: string | undefined,
  handedOverBy?: string,
): CreatedObject | undefined {
  const { created, request, at, auditId } = event;
  if (created === undefined || at === undefined) return undefined;
  const { apiGroup, resource, namespace, name } = request;
  const kind = WORKLOADS.find((each) => each.resource === resource && each.apiGroup === apiGroup)?.kind;
  if (kind === undefined) return undefined;
  if (namespace === undefined || namespace.length > LONGEST.namespace || auditId.length > LONGEST.auditId)
    return undefined;
  const named = name !== undefined && name.length <= LONGEST.name ? name : undefined;
  const { uid, owners } = created;
  return { kind, uid, owners, cluster, namespace, name: named, auditId, createdAt: at, handedOverBy };
}

/** Of several events that say to have created one object: one's own stack is believed first, then the earliest. */
export function mostCredibleFirst(a: CreatedObject, b: CreatedObject): number {
  const told = Number(a.handedOverBy !== undefined) - Number(b.handedOverBy !== undefined);
  return told || a.createdAt - b.createdAt || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}
