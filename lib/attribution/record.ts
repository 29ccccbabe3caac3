import type { RequestAction } from '../audit/action.ts';
import type { AuditEvent, AuditRequest, Authorization } from '../audit/audit-event.ts';
import type { Caller, CallerPod, ImpersonatedUser } from '../audit/caller.ts';
import type { EventSite, LogOrigin } from '../audit/event-site.ts';
import { assumedRoleRef, roleIdOf, roleRef } from '../identity/arn.ts';
import { type AuditId, auditIdOf } from '../identity/audit-id.ts';
import { clusterHome } from '../identity/cluster.ts';
import type { Answer, LearnedNames } from './answer.ts';
import type { Attribution } from './attribution.ts';

/**
 * An audit event with its attribution. This is what is stored, searched and printed (CONTRACT, "The record"). A field
 * without a value is absent or undefined, and missing in JSON. Of request and response bodies, it has only what
 * `action` names. Trust: callers choose its strings. Escape them before you show them.
 */
export interface AuditRecord {
  readonly schemaVersion: 1;
  readonly auditId: AuditId;
  readonly stage?: string | undefined;
  readonly time?: string | undefined;
  readonly cluster?: string | undefined;
  readonly clusterArn?: string | undefined;
  /** The account of the cluster. If the ARN is known, it is the account in the ARN. */
  readonly accountId?: string | undefined;
  /** The Region of the cluster. */
  readonly region?: string | undefined;
  readonly origin?: LogOrigin | undefined;
  readonly request?: AuditRequest | undefined;
  readonly action?: RequestAction | undefined;
  readonly response?: { readonly code: number } | undefined;
  readonly authorization?: Authorization | undefined;
  readonly source?:
    | { readonly ips?: readonly string[] | undefined; readonly userAgent?: string | undefined }
    | undefined;
  readonly caller: RecordedCaller;
  readonly impersonated?: RecordedImpersonation | undefined;
  readonly attribution: Attribution;
}

/** The caller as the event states it, with the session name if that was learned. */
export interface RecordedCaller extends Omit<Caller, 'userId'> {
  /** The ARN of the caller's role. Only present if `arn` does not name the role. */
  readonly canonicalArn?: string | undefined;
  /** Present if the event does not state the session name, but its username shows the name and the grant has it. */
  readonly sessionNameFrom?: 'username' | undefined;
}

/** What the client states about impersonation. If a trusted proxy names another user first, that is `original`. */
export type RecordedImpersonation = ImpersonatedUser & { readonly original?: string | undefined };

/** The maximum lengths of texts, in UTF-16 code units. Longer texts are cut and end in `…`. */
const TEXT_LIMITS = { short: 256, name: 1_024, uri: 4_096 } as const;
/**
 * The maximum number of groups and of source IPs in a record. The last source IPs are kept, because only the very last
 * one is not chosen by the client.
 */
export const LIST_LIMIT = 64;

/** The part of a record that depends only on the audit event. */
export type RecordHead = Omit<AuditRecord, 'attribution'>;

/**
 * Returns the record of an event and its answer.
 * @param caller the caller in the form of `recordedCaller`, if it was made before.
 */
export function auditRecord(event: AuditEvent, answer: Answer, site: EventSite, caller?: RecordedCaller): AuditRecord {
  return completeRecord(recordHead(event, site, caller), answer);
}

/** Adds the answer to the head of a record. */
export function completeRecord(head: RecordHead, { attribution, learnt }: Answer): AuditRecord {
  if (learnt === undefined) return { ...head, attribution };
  const { impersonated } = head;
  const original = maybeCut(learnt.original, TEXT_LIMITS.name);
  return {
    ...head,
    caller: withLearned(head.caller, learnt),
    impersonated: original === undefined ? impersonated : { ...impersonated, original },
    attribution,
  };
}

/** Returns the part of a record that depends only on the event and its site, with long texts cut. */
export function recordHead(
  event: AuditEvent,
  { cluster, clusterArn, accountId, origin }: EventSite,
  caller = recordedCaller(event.caller),
): RecordHead {
  const { responseCode, sourceIps, userAgent, impersonated } = event;
  return {
    schemaVersion: 1,
    auditId: auditIdOf(cut(event.auditId, TEXT_LIMITS.short)),
    stage: maybeCut(event.stage, TEXT_LIMITS.short),
    time: maybeCut(event.time, TEXT_LIMITS.short),
    cluster: maybeCut(cluster || undefined, TEXT_LIMITS.short),
    clusterArn,
    ...clusterHome({ clusterArn, accountId }),
    origin: origin && cutOrigin(origin),
    request: orNothing(cutRequest(event.request)),
    action: event.action && cutAction(event.action),
    response: responseCode === undefined ? undefined : { code: responseCode },
    authorization: event.authorization && cutAuthorization(event.authorization),
    source: orNothing({
      ips: cutList(sourceIps && sourceIps.length > LIST_LIMIT ? sourceIps.slice(-LIST_LIMIT) : sourceIps),
      userAgent: maybeCut(userAgent, TEXT_LIMITS.name),
    }),
    caller,
    impersonated: impersonated && cutImpersonation(impersonated),
  };
}

/** Returns the origin with long texts cut. All events of a delivery share one origin. AWS itself writes no longer names. */
function cutOrigin(origin: LogOrigin): LogOrigin {
  const { logGroup, logStream, owner, handedOverBy } = origin;
  if (fits(logGroup, TEXT_LIMITS.name) && fits(logStream, TEXT_LIMITS.name) && fits(owner, TEXT_LIMITS.short))
    return origin;
  return {
    logGroup: maybeCut(logGroup, TEXT_LIMITS.name),
    logStream: maybeCut(logStream, TEXT_LIMITS.name),
    owner: maybeCut(owner, TEXT_LIMITS.short),
    handedOverBy,
  };
}

/** Returns undefined if no field has a value, so that the whole object is absent. */
function orNothing<T extends object>(fields: T): T | undefined {
  for (const name in fields) if (fields[name] !== undefined) return fields;
  return undefined;
}

function cutImpersonation({ username, groups, uid, first }: ImpersonatedUser): RecordedImpersonation {
  return {
    username: maybeCut(username, TEXT_LIMITS.name),
    groups: cutList(groups),
    uid: maybeCut(uid, TEXT_LIMITS.name),
    first: first && { username: cut(first.username, TEXT_LIMITS.name), uid: maybeCut(first.uid, TEXT_LIMITS.name) },
  };
}

/** Returns the request with long texts cut. Nearly all requests stay unchanged. */
function cutRequest(request: AuditRequest): AuditRequest {
  if (isShortRequest(request)) return request;
  return {
    verb: maybeCut(request.verb, TEXT_LIMITS.short),
    uri: maybeCut(request.uri, TEXT_LIMITS.uri),
    apiGroup: maybeCut(request.apiGroup, TEXT_LIMITS.short),
    resource: maybeCut(request.resource, TEXT_LIMITS.short),
    subresource: maybeCut(request.subresource, TEXT_LIMITS.short),
    namespace: maybeCut(request.namespace, TEXT_LIMITS.short),
    name: maybeCut(request.name, TEXT_LIMITS.name),
  };
}

function cutAction(action: RequestAction): RequestAction {
  const { command, container, endedAt, ports, audiences, expiresAt, credentialId, boundTo } = action;
  const { role, subjects, subjectsLeftOut } = action;
  const { short, name } = TEXT_LIMITS;
  return {
    command: maybeCut(command, name),
    container: maybeCut(container, short),
    endedAt: maybeCut(endedAt, short),
    ports,
    audiences: audiences?.map((each) => cut(each, short)),
    expiresAt: maybeCut(expiresAt, short),
    credentialId: maybeCut(credentialId, short),
    boundTo: maybeCut(boundTo, short),
    role: maybeCut(role, short),
    subjects: subjects?.map((each) => cut(each, short)),
    subjectsLeftOut,
  };
}

function isShortRequest({ verb, uri, apiGroup, resource, subresource, namespace, name }: AuditRequest): boolean {
  const { short } = TEXT_LIMITS;
  return (
    fits(verb, short) &&
    fits(uri, TEXT_LIMITS.uri) &&
    fits(apiGroup, short) &&
    fits(resource, short) &&
    fits(subresource, short) &&
    fits(namespace, short) &&
    fits(name, TEXT_LIMITS.name)
  );
}

function fits(text: string | undefined, limit: number): boolean {
  return text === undefined || text.length <= limit;
}

function cutAuthorization(authorization: Authorization): Authorization {
  const { decision, reason } = authorization;
  if (fits(decision, TEXT_LIMITS.short) && fits(reason, TEXT_LIMITS.name)) return authorization;
  return {
    decision: maybeCut(decision, TEXT_LIMITS.short),
    reason: maybeCut(reason, TEXT_LIMITS.name),
  };
}

/** Returns the caller in the form of a record, with long texts cut. */
export function recordedCaller(caller: Caller): RecordedCaller {
  return {
    kind: caller.kind,
    username: maybeCut(caller.username, TEXT_LIMITS.name),
    uid: maybeCut(caller.uid, TEXT_LIMITS.name),
    groups: cutList(caller.groups),
    accountId: caller.accountId,
    roleId: caller.roleId && roleIdOf(cut(caller.roleId, TEXT_LIMITS.short)),
    sessionName: maybeCut(caller.sessionName, TEXT_LIMITS.name),
    accessKeyId: caller.accessKeyId,
    arn: maybeCut(caller.arn, TEXT_LIMITS.name),
    canonicalArn: maybeCut(otherRoleArn(caller), TEXT_LIMITS.name),
    credentialId: maybeCut(caller.credentialId, TEXT_LIMITS.short),
    pod: caller.pod && cutPod(caller.pod),
  };
}

/** Returns the canonical ARN if it names the role and `arn` does not. */
function otherRoleArn({ arn, canonicalArn }: Caller): string | undefined {
  const isOnlyHere = assumedRoleRef(arn) === undefined && roleRef(canonicalArn) !== undefined;
  return isOnlyHere ? canonicalArn : undefined;
}

function cutPod({ name, uid, node }: CallerPod): CallerPod {
  return {
    name: maybeCut(name, TEXT_LIMITS.short),
    uid: maybeCut(uid, TEXT_LIMITS.short),
    node: maybeCut(node, TEXT_LIMITS.short),
  };
}

/** Adds to the caller what was learned. Values that the event states do not change, and the order of the fields stays the same. */
export function withLearned(caller: RecordedCaller, learnt: LearnedNames | undefined): RecordedCaller {
  const sessionName = maybeCut(learnt?.sessionName, TEXT_LIMITS.name);
  if (sessionName === undefined || caller.sessionName !== undefined) return caller;
  const { kind, username, uid, groups, accountId, roleId, ...rest } = caller;
  const named = { kind, username, uid, groups, accountId, roleId, ...rest, sessionName } as const;
  return { ...named, sessionNameFrom: 'username' };
}

/** Removes from the caller what was learned. */
export function withoutLearned(caller: RecordedCaller): RecordedCaller {
  const isLearned = caller.sessionNameFrom !== undefined;
  return isLearned ? { ...caller, sessionName: undefined, sessionNameFrom: undefined } : caller;
}

/** Returns a text, such as a role's ARN, as a record has it: cut if it is too long. */
export function cutName(text: string | undefined): string | undefined {
  return maybeCut(text, TEXT_LIMITS.name);
}

function maybeCut(text: string | undefined, limit: number): string | undefined {
  return text === undefined ? undefined : cut(text, limit);
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 2);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, splitsPair ? limit - 2 : limit - 1)}…`;
}

function cutList(texts: readonly string[] | undefined): readonly string[] | undefined {
  if (texts === undefined || texts.length === 0) return undefined;
  if (texts.length <= LIST_LIMIT && texts.every((text) => text.length <= TEXT_LIMITS.name)) return texts;
  return texts.slice(0, LIST_LIMIT).map((text) => cut(text, TEXT_LIMITS.name));
}
