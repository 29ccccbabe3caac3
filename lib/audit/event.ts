import { type AuditId, auditIdOf } from '../identity/audit-id.ts';
import { filledTextAt, isJsonObject, type JsonObject, objectAt, textAt, textsAt } from '../json.ts';
import { type EpochMillis, parseInstant } from '../time.ts';
import { type Caller, type ImpersonatedUser, parseCaller, parseImpersonatedUser } from './caller.ts';
import { issuedCredentialId } from './issued-token.ts';

/**
 * One `audit.k8s.io` Event at one stage, reduced to what is stored. Request and response bodies are never read.
 *
 * Trust: `auditId` may be the client's (`Audit-ID` header, kubernetes#101597), `userAgent` and all but the last of
 * `sourceIps` are the client's word; `time` is the API server's.
 * Source: k8s.io/apiserver/pkg/apis/audit/v1, type Event.
 */
export interface AuditEvent {
  readonly auditId: AuditId;
  readonly stage?: string | undefined;
  /** `requestReceivedTimestamp` as written. */
  readonly time?: string | undefined;
  /** The same, read; undefined where it is missing or unreadable. */
  readonly at?: EpochMillis | undefined;
  readonly request: AuditRequest;
  readonly responseCode?: number | undefined;
  readonly authorization?: Authorization | undefined;
  readonly sourceIps?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
  readonly caller: Caller;
  readonly impersonated?: ImpersonatedUser | undefined;
  /** `JTI=<uuid>` of the service account token that the request issued. */
  readonly issuedCredentialId?: string | undefined;
}

/** What the API server's authorizer decided, and why. Source: annotations `authorization.k8s.io/*`. */
export interface Authorization {
  readonly decision?: string | undefined;
  readonly reason?: string | undefined;
}

/**
 * What was asked of the API server. Trust: the server parsed it; names are what the client asked for, be there such an object
 * or not. Source: `verb`, `requestURI` and `objectRef` of the Event.
 */
export interface AuditRequest {
  readonly verb?: string | undefined;
  readonly uri?: string | undefined;
  /** `""` is the core group; absent for requests that name no resource. */
  readonly apiGroup?: string | undefined;
  readonly resource?: string | undefined;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export type AuditEventFlaw = 'audit-event-without-auditID' | 'audit-event-without-user';

/** An audit event needs a string `auditID` and a `user`; any other field of a wrong type is treated as absent. */
export function parseAuditEvent(event: JsonObject): AuditEvent | AuditEventFlaw {
  const auditId = textAt(event, 'auditID');
  if (auditId === undefined) return 'audit-event-without-auditID';
  const user = objectAt(event, 'user');
  if (user === undefined) return 'audit-event-without-user';
  const time = filledTextAt(event, 'requestReceivedTimestamp');
  const code = objectAt(event, 'responseStatus')?.code;
  return {
    auditId: auditIdOf(auditId),
    stage: filledTextAt(event, 'stage'),
    time,
    at: time === undefined ? undefined : parseInstant(time),
    request: parseRequest(event),
    responseCode: typeof code === 'number' && isInt32(code) ? code : undefined,
    authorization: parseAuthorization(objectAt(event, 'annotations')),
    sourceIps: textsAt(event, 'sourceIPs'),
    userAgent: filledTextAt(event, 'userAgent'),
    caller: parseCaller(user),
    impersonated: parseImpersonatedUser(event),
    issuedCredentialId: issuedCredentialId(event),
  };
}

/** Kubernetes' `Status.code` is an int32 (meta/v1, types.go): what is none is of a wrong type. */
function isInt32(value: number): boolean {
  return (value | 0) === value;
}

/** Whether the value has the marks of an audit event, complete or not. */
export function looksLikeAuditEvent(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  return 'auditID' in value || (textAt(value, 'apiVersion')?.startsWith('audit.k8s.io/') ?? false);
}

function parseRequest(event: JsonObject): AuditRequest {
  const object = objectAt(event, 'objectRef');
  const resource = filledTextAt(object, 'resource');
  return {
    verb: filledTextAt(event, 'verb'),
    uri: filledTextAt(event, 'requestURI'),
    apiGroup: textAt(object, 'apiGroup') ?? (resource === undefined ? undefined : ''),
    resource,
    subresource: filledTextAt(object, 'subresource'),
    namespace: filledTextAt(object, 'namespace'),
    name: filledTextAt(object, 'name'),
  };
}

function parseAuthorization(annotations: JsonObject | undefined): Authorization | undefined {
  const decision = filledTextAt(annotations, 'authorization.k8s.io/decision');
  const reason = filledTextAt(annotations, 'authorization.k8s.io/reason');
  if (decision === undefined && reason === undefined) return undefined;
  return { decision, reason };
}

/**
 * What makes two deliveries one event: not the audit ID alone, which the client may choose and reuse (CONTRACT, record).
 * A JSON text, so that no field can run into the next.
 */
export function eventIdentity(event: Pick<AuditEvent, 'auditId' | 'stage' | 'time' | 'request' | 'caller'>): string {
  const { auditId, stage, time, request, caller } = event;
  return JSON.stringify([auditId, stage, time, request.verb, request.uri, caller.uid, caller.username]);
}
