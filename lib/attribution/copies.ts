import { assumedRoleRef, pathlessRoleArn, roleRef } from '../identity/arn.ts';
import { type ClusterFields, clusterKeyOf } from '../identity/cluster.ts';
import { parseInstant } from '../time.ts';
import type { Attribution } from './attribution.ts';
import { FLAGS } from './flags.ts';
import { type RecordedCaller, type RecordHead, withoutLearned } from './record.ts';

/**
 * The parts of a record in which copies of one event can differ (CONTRACT, "The record"). Values that were learned later, such
 * as a session name that the event does not state, are not among them.
 */
export type CopiedParts = Pick<
  RecordHead,
  | 'auditId'
  | 'stage'
  | 'time'
  | 'origin'
  | 'request'
  | 'action'
  | 'authorization'
  | 'response'
  | 'caller'
  | 'impersonated'
> &
  ClusterFields;

/**
 * The maximum number of copies of one event that the service stores. Each is compared with the others, and whoever can forge an event can forge
 * any number of its copies.
 */
export const MOST_COPIES = 20;

/** The content of a copy, field by field: the same fields in the same order for every copy. */
export type CopyContent = readonly (string | number | undefined)[];

/**
 * Returns the place of an event: events of one place are copies of one event. It is a JSON text, so that no field can
 * run into the next. Audit ID and time alone are not enough, since clients may choose and reuse an audit ID.
 */
export function copyPlace(copy: CopiedParts): string {
  return JSON.stringify(placeFields(copy));
}

/**
 * Returns the identity of a record: equal for equal copies of one event, whatever was learned of them.
 * @param ofCaller `callerContent` of the copy's caller, if it was already made.
 */
export function recordIdentity(copy: CopiedParts, ofCaller = callerContent(copy.caller)): string {
  return `${JSON.stringify([...placeFields(copy), ...requestFields(copy), ...bodyFields(copy)]).slice(0, -1)},${ofCaller}`;
}

/** Returns what the copy states. */
export function copyContent(copy: CopiedParts): CopyContent {
  return [...requestFields(copy), ...callerFields(copy.caller), ...bodyFields(copy)];
}

/** Returns the caller's part of the identity of its records. */
export function callerContent(caller: RecordedCaller): string {
  return JSON.stringify(callerFields(caller)).slice(1);
}

function placeFields({ auditId, stage, time, origin, ...site }: CopiedParts) {
  const at = time === undefined ? undefined : parseInstant(time);
  const microseconds = at === undefined ? time : Math.round(at * 1_000);
  return [clusterKeyOf(site), origin?.handedOverBy, auditId, stage, microseconds];
}

function requestFields({ request, authorization, response, impersonated }: CopiedParts) {
  const { username, uid, groups, first } = impersonated ?? {};
  const { verb, uri, apiGroup, resource, subresource, namespace, name } = request ?? {};
  const object = [apiGroup || undefined, resource, subresource, namespace, name];
  const acting = [username, uid, groups && JSON.stringify(groups), first?.username, first?.uid];
  return [verb, uri, response?.code, authorization?.decision, ...object, ...acting];
}

/** Returns what the bodies state. Empty if they state nothing, as those of most requests. */
function bodyFields({ action }: CopiedParts): readonly string[] {
  if (action === undefined) return [];
  const { audiences, expiresAt, boundTo, role, subjects, subjectsLeftOut } = action;
  const stated = [audiences, expiresAt, boundTo, role, subjects, subjectsLeftOut];
  return stated.every((each) => each === undefined) ? [] : [JSON.stringify(stated)];
}

function callerFields(caller: RecordedCaller) {
  const { uid, username, accessKeyId, arn, canonicalArn, sessionName, credentialId, pod } = withoutLearned(caller);
  const role = assumedRoleRef(arn) ?? roleRef(canonicalArn);
  const ofToken = [credentialId, pod?.name, pod?.uid, pod?.node];
  return [uid, username, accessKeyId, arn, role && pathlessRoleArn(role), sessionName, ...ofToken];
}

/** Returns whether the first copy states everything that the second one states. */
export function statesAll(copy: CopyContent, other: CopyContent): boolean {
  return other.every((field, at) => field === undefined || field === copy[at]);
}

/** Returns whether the copies contradict each other. A field that one of them lacks contradicts nothing. */
export function isConflict(copy: CopyContent, other: CopyContent): boolean {
  return copy.some((field, at) => field !== undefined && other[at] !== undefined && field !== other[at]);
}

/** Returns the attribution with the flag for copies that contradict each other. */
export function withConflict<A extends Attribution>(attribution: A): A {
  const flags = FLAGS.filter((flag) => flag === 'conflicting-copies' || attribution.flags.includes(flag));
  return { ...attribution, flags };
}
