import { assumedRoleRef, pathlessRoleArn, roleRef } from '../identity/arn.ts';
import { type ClusterFields, clusterKeyOf } from '../identity/cluster.ts';
import { parseInstant } from '../time.ts';
import type { Attribution } from './attribution.ts';
import { FLAGS } from './flags.ts';
import { type RecordedCaller, type RecordHead, withoutLearned } from './record.ts';

/**
 * The parts of a record in which copies of one event can differ (CONTRACT, "The record"). What was learned later does
 * not belong to them, for example a session name that the event does not state.
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
 * The maximum number of copies of one event that the service stores. Each copy is compared with all others, and anybody
 * who can forge an event can forge any number of copies.
 */
export const MOST_COPIES = 20;

/** What a copy states, as a list. All copies have the same fields in the same order. */
export type CopyContent = readonly (string | number | undefined)[];

/**
 * Returns the place of an event. Events with the same place are copies of one event. The audit ID and the time are not
 * enough, because clients can choose and reuse an audit ID. The place is a JSON text, so that no field can run into the
 * next one.
 */
export function copyPlace(copy: CopiedParts): string {
  return JSON.stringify(placeFields(copy));
}

/**
 * Returns the identity of a record. Two copies of one event have the same identity if they state the same. What was
 * learned later does not count.
 * @param ofCaller `callerContent` of the caller, if it was computed before.
 */
export function recordIdentity(copy: CopiedParts, ofCaller = callerContent(copy.caller)): string {
  return `${JSON.stringify([...placeFields(copy), ...requestFields(copy), ...bodyFields(copy)]).slice(0, -1)},${ofCaller}`;
}

/** Returns what the copy states, as a list. */
export function copyContent(copy: CopiedParts): CopyContent {
  return [...requestFields(copy), ...callerFields(copy.caller), ...bodyFields(copy)];
}

/** Returns the part of a record's identity that comes from its caller. */
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

/** Returns what the bodies state. Empty if they state nothing, as in most requests. */
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

/** Returns whether the copies contradict each other in any field. If only one of them has a field, they do not contradict each other in it. */
export function isConflict(copy: CopyContent, other: CopyContent): boolean {
  return copy.some((field, at) => field !== undefined && other[at] !== undefined && field !== other[at]);
}

/** Adds the flag for copies that contradict each other. */
export function withConflict<A extends Attribution>(attribution: A): A {
  const flags = FLAGS.filter((flag) => flag === 'conflicting-copies' || attribution.flags.includes(flag));
  return { ...attribution, flags };
}
