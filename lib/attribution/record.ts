import type { AuditEvent, AuditRequest, Authorization } from '../audit/audit-event.ts';
import type { Caller, CallerPod, ImpersonatedUser } from '../audit/caller.ts';
import { roleIdOf } from '../identity/arn.ts';
import { type AuditId, auditIdOf } from '../identity/audit-id.ts';
import type { Answer, Learnt } from './answer.ts';
import type { Attribution } from './attribution.ts';

/**
 * An audit event together with its attribution: what is stored, queried and printed (CONTRACT, "The record").
 * A field with nothing to say is absent or undefined, which JSON leaves out. Bodies are never part of it. Its strings come from whoever called: show them escaped.
 */
export interface AuditRecord {
  readonly schemaVersion: 1;
  readonly auditId: AuditId;
  readonly stage?: string | undefined;
  readonly time?: string | undefined;
  readonly cluster?: string | undefined;
  readonly origin?: RecordOrigin | undefined;
  readonly request?: AuditRequest | undefined;
  readonly response?: { readonly code: number } | undefined;
  readonly authorization?: Authorization | undefined;
  readonly source?:
    | { readonly ips?: readonly string[] | undefined; readonly userAgent?: string | undefined }
    | undefined;
  readonly caller: RecordedCaller;
  readonly impersonated?: RecordedImpersonation | undefined;
  readonly attribution: Attribution;
}

/** Where the event came from. */
export interface RecordOrigin {
  /** The account whose stack handed the event over to the hub, as AWS states it; absent where the hub's own log group brought it. */
  readonly handedOverBy?: string | undefined;
}

export type RecordedCaller = Omit<Caller, 'userId' | 'canonicalArn'>;

/** The client's word; `original` is there where a trusted proxy names another user who came first. */
export type RecordedImpersonation = Omit<ImpersonatedUser, 'first'> & { readonly original?: string | undefined };

/** The most that is kept of each text, in UTF-16 code units; longer ones end in `…`. */
const TEXT_LIMITS = { short: 256, name: 1_024, uri: 4_096 } as const;
/** The most groups and source addresses that are kept; of addresses the last ones, since only the very last is not the client's. */
export const LIST_LIMIT = 64;

/** All of a record that the audit event alone says. */
export type RecordHead = Omit<AuditRecord, 'attribution'>;

/** What is known of an event besides what it says. */
export interface HeadContext extends RecordOrigin {
  /** As `recordedCaller` makes it of the event's, for whoever made it before. */
  readonly caller?: RecordedCaller;
}

export function auditRecord(
  event: AuditEvent,
  answer: Answer,
  cluster: string | undefined,
  context?: HeadContext,
): AuditRecord {
  return completeRecord(recordHead(event, cluster, context), answer);
}

/** The record of an event and what was answered about it. */
export function completeRecord(head: RecordHead, { attribution, learnt }: Answer): AuditRecord {
  if (learnt === undefined) return { ...head, attribution };
  const { impersonated } = head;
  const original = maybeCut(learnt.original, TEXT_LIMITS.name);
  return {
    ...head,
    caller: withLearnt(head.caller, learnt),
    impersonated: original === undefined ? impersonated : { ...impersonated, original },
    attribution,
  };
}

export function recordHead(
  event: AuditEvent,
  cluster: string | undefined,
  { caller = recordedCaller(event.caller), handedOverBy }: HeadContext = {},
): RecordHead {
  const { responseCode, sourceIps, userAgent, impersonated } = event;
  return {
    schemaVersion: 1,
    auditId: auditIdOf(cut(event.auditId, TEXT_LIMITS.short)),
    stage: maybeCut(event.stage, TEXT_LIMITS.short),
    time: maybeCut(event.time, TEXT_LIMITS.short),
    cluster: keptCluster(cluster),
    origin: handedOverBy === undefined ? undefined : { handedOverBy },
    request: orNothing(cutRequest(event.request)),
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

/** A cluster's name as a record keeps it. */
function keptCluster(cluster: string | undefined): string | undefined {
  return maybeCut(cluster || undefined, TEXT_LIMITS.short);
}

/** A field with nothing to say is absent. */
function orNothing<T extends object>(fields: T): T | undefined {
  for (const name in fields) if (fields[name] !== undefined) return fields;
  return undefined;
}

function cutImpersonation({ username, groups, uid }: ImpersonatedUser): RecordedImpersonation | undefined {
  return orNothing({
    username: maybeCut(username, TEXT_LIMITS.name),
    groups: cutList(groups),
    uid: maybeCut(uid, TEXT_LIMITS.name),
  });
}

/** Nearly all are kept as they are. */
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
    credentialId: maybeCut(caller.credentialId, TEXT_LIMITS.short),
    pod: caller.pod && cutPod(caller.pod),
  };
}

function cutPod({ name, uid, node }: CallerPod): CallerPod {
  return {
    name: maybeCut(name, TEXT_LIMITS.short),
    uid: maybeCut(uid, TEXT_LIMITS.short),
    node: maybeCut(node, TEXT_LIMITS.short),
  };
}

/** What the event itself states stays; the fields keep their order. */
export function withLearnt(caller: RecordedCaller, learnt: Learnt | undefined): RecordedCaller {
  if (learnt === undefined) return caller;
  const { kind, username, uid, groups, accountId, roleId, ...rest } = caller;
  const sessionName = caller.sessionName ?? maybeCut(learnt.sessionName, TEXT_LIMITS.name);
  return { kind, username, uid, groups, accountId, roleId, ...rest, sessionName };
}

/** A text as a record keeps it, such as a role's ARN beside it. */
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
