import type { AuditRequest } from '../audit/audit-event.ts';
import { builtInResource } from '../audit/resource-words.ts';
import { filledTextAt, type JsonObject, listAt, objectAt, present, textAt } from '../json.ts';
import { type EpochMillis, epochMillis, MINUTE, parseInstant } from '../time.ts';
import { givenCircumstances } from './events.ts';
import type { Subject } from './subject.ts';

const VERSIONS: readonly unknown[] = ['v1', 'events.k8s.io/v1', 'events.k8s.io/v1beta1'];

/**
 * Returns whether the value is a Kubernetes Event object, from `kubectl get events -o json`. An audit event also has
 * the kind `Event`, but another version. Sources: Kubernetes API Reference, "Event v1 core", "Event v1 events.k8s.io".
 */
export function looksLikeKubernetesEvent(value: JsonObject): boolean {
  return value.kind === 'Event' && VERSIONS.includes(value.apiVersion);
}

/**
 * Returns whether the value is a Kubernetes object, from `kubectl get -o json` or `-o yaml`. Source: Kubernetes,
 * "Objects In Kubernetes", required fields.
 */
export function looksLikeKubernetesObject(value: JsonObject): boolean {
  const [version, kind] = [filledTextAt(value, 'apiVersion') ?? '', filledTextAt(value, 'kind') ?? ''];
  const isObject = /^(?:[a-z0-9.-]{1,253}\/)?v\d\w{0,20}$/.test(version) && /^[A-Z]\w{1,62}$/.test(kind);
  const name = filledTextAt(objectAt(value, 'metadata'), 'name');
  return isObject && kind !== 'Event' && kind !== 'Status' && name !== undefined;
}

/** The longest time, in milliseconds, between a request and the creation of its object. The API server ends a request after a minute. */
export const LONGEST_REQUEST = MINUTE;

/**
 * Returns the subject for a Kubernetes object: the requests that created or changed it, from its creation on. The
 * object itself states no caller.
 */
export function subjectOfKubernetesObject(object: JsonObject): Subject {
  const metadata = objectAt(object, 'metadata');
  const created = parseInstant((textAt(metadata, 'creationTimestamp') ?? '').slice(0, 64));
  const since = created === undefined ? undefined : epochMillis(created - LONGEST_REQUEST);
  const { apiVersion, kind } = object;
  const request = requestTo({ ...metadata, apiVersion, kind }, filledTextAt(metadata, 'name') ?? '');
  return { by: 'request', circumstances: givenCircumstances({ since, request: { ...request, verb: 'write' } }) };
}

export const NOTE_ON_OBJECTS =
  'An object of Kubernetes does not say who created or changed it. So the requests that did so are shown, from its creation on.';

/** Returns the items of a list of Kubernetes objects, as kubectl prints several. Undefined for any other value. */
export function itemsOfList(value: JsonObject): readonly unknown[] | undefined {
  const isList = value.kind === 'List' || value.kind === 'EventList';
  return isList && VERSIONS.includes(value.apiVersion) ? listAt(value, 'items') : undefined;
}

/**
 * The longest time, in milliseconds, between an event and the request that caused it. A controller writes the event
 * when it acts on the request.
 */
const BEFORE = 5 * MINUTE;

/** Returns the earliest time at which an event at `at` can have been caused. */
export function beforeEvent(at: number): EpochMillis {
  return epochMillis(at - BEFORE);
}

/**
 * Returns the subject for a Kubernetes event: the requests to its object, from some minutes before it until its last
 * time. The event itself states no caller. Undefined if the event names no object.
 * Trust: anybody who may create events can have written it.
 */
export function subjectOfKubernetesEvent(event: JsonObject): Subject | undefined {
  const of = objectAt(event, 'involvedObject') ?? objectAt(event, 'regarding');
  const name = filledTextAt(of, 'name');
  if (of === undefined || name === undefined) return undefined;
  const { first, last } = timesOf(event);
  const request = requestTo(of, name);
  const finding = filledTextAt(event, 'reason')?.slice(0, 256);
  const since = first === undefined ? undefined : beforeEvent(Math.min(first, last ?? first));
  return { by: 'request', circumstances: givenCircumstances({ at: last, since, request, finding }) };
}

export const NOTE_ON_EVENTS =
  'An event of Kubernetes names no caller, and comes after the request that caused it. So the requests to its object are shown, from 5 ' +
  'minutes before the event on. If a controller caused it, look up the object that this controller follows, such as the Deployment of a pod.';

export const NOTE_ON_AGES =
  'An event of Kubernetes names no caller, and its age does not say when it was. So all requests to its object are shown. If a controller ' +
  'caused it, look up the object that this controller follows, such as the Deployment of a pod.';

/** Returns the built-in resource for a kind such as `Pod` or `ClusterRoleBinding`, as requests name it. Undefined for other kinds. */
export function resourceOfKind(kind: string, apiGroup?: string): string | undefined {
  const [resource] = (builtInResource(apiGroup === undefined ? kind : `${kind}.${apiGroup}`) ?? '').split('.');
  return resource === '' ? undefined : resource;
}

function timesOf(event: JsonObject): {
  readonly first: EpochMillis | undefined;
  readonly last: EpochMillis | undefined;
} {
  const timeAt = (object: JsonObject | undefined, name: string) =>
    parseInstant((textAt(object, name) ?? '').slice(0, 64));
  const created = timeAt(objectAt(event, 'metadata'), 'creationTimestamp');
  const first =
    timeAt(event, 'firstTimestamp') ??
    timeAt(event, 'deprecatedFirstTimestamp') ??
    timeAt(event, 'eventTime') ??
    created;
  const last =
    timeAt(objectAt(event, 'series'), 'lastObservedTime') ??
    timeAt(event, 'lastTimestamp') ??
    timeAt(event, 'deprecatedLastTimestamp') ??
    first;
  return { first, last };
}

/** Returns the request to an object. For a custom resource only the group is used, because an event has its kind but not its plural. */
function requestTo(of: JsonObject, name: string): AuditRequest {
  const [group, version] = (textAt(of, 'apiVersion') ?? '').split('/', 2);
  const apiGroup = version === undefined ? undefined : group;
  return present<AuditRequest>({
    verb: undefined,
    uri: undefined,
    apiGroup,
    resource: resourceOfKind(filledTextAt(of, 'kind') ?? '', apiGroup),
    subresource: undefined,
    namespace: filledTextAt(of, 'namespace'),
    name,
  });
}
