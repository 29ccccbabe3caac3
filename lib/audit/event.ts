import { filledTextAt, isJsonObject, type JsonObject, objectAt, present, textAt, textsAt } from '../json.ts';
import { type EpochMillis, parseInstant } from '../time.ts';
import { type Caller, type ImpersonatedUser, parseCaller, parseImpersonatedUser } from './caller.ts';

/**
 * One `audit.k8s.io` Event at one stage, reduced to what is stored. Request and response bodies are never read.
 *
 * Trust: `auditId` may be the client's (`Audit-ID` header, kubernetes#101597), `userAgent` and all but the last of
 * `sourceIps` are the client's word; `time` is the API server's.
 * Source: k8s.io/apiserver/pkg/apis/audit/v1, type Event.
 */
export interface AuditEvent {
  readonly auditId: string;
  readonly stage?: string;
  /** `requestReceivedTimestamp` as written. */
  readonly time?: string;
  /** The same, read; undefined where it is missing or unreadable. */
  readonly at?: EpochMillis;
  readonly request: AuditRequest;
  readonly responseCode?: number;
  readonly authorization?: { readonly decision?: string; readonly reason?: string };
  readonly sourceIps?: readonly string[];
  readonly userAgent?: string;
  readonly caller: Caller;
  readonly impersonated?: ImpersonatedUser;
}

export interface AuditRequest {
  readonly verb?: string;
  readonly uri?: string;
  /** `""` is the core group; absent for requests that name no resource. */
  readonly apiGroup?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
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
  return present<AuditEvent>({
    auditId,
    stage: filledTextAt(event, 'stage'),
    time,
    at: time === undefined ? undefined : parseInstant(time),
    request: parseRequest(event),
    responseCode: typeof code === 'number' ? code : undefined,
    authorization: parseAuthorization(objectAt(event, 'annotations')),
    sourceIps: textsAt(event, 'sourceIPs'),
    userAgent: filledTextAt(event, 'userAgent'),
    caller: parseCaller(user),
    impersonated: parseImpersonatedUser(event),
  });
}

/** Whether the value has the marks of an audit event, complete or not. */
export function looksLikeAuditEvent(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  return 'auditID' in value || (textAt(value, 'apiVersion')?.startsWith('audit.k8s.io/') ?? false);
}

function parseRequest(event: JsonObject): AuditRequest {
  const object = objectAt(event, 'objectRef');
  const resource = filledTextAt(object, 'resource');
  return present<AuditRequest>({
    verb: filledTextAt(event, 'verb'),
    uri: filledTextAt(event, 'requestURI'),
    apiGroup: textAt(object, 'apiGroup') ?? (resource === undefined ? undefined : ''),
    resource,
    subresource: filledTextAt(object, 'subresource'),
    namespace: filledTextAt(object, 'namespace'),
    name: filledTextAt(object, 'name'),
  });
}

function parseAuthorization(annotations: JsonObject | undefined): AuditEvent['authorization'] | undefined {
  const decision = filledTextAt(annotations, 'authorization.k8s.io/decision');
  const reason = filledTextAt(annotations, 'authorization.k8s.io/reason');
  if (decision === undefined && reason === undefined) return undefined;
  return present<NonNullable<AuditEvent['authorization']>>({ decision, reason });
}

/**
 * What makes two deliveries one event: not the audit ID alone, which the client may choose and reuse (CONTRACT, record).
 * A JSON text, so that no field can run into the next.
 */
export function eventIdentity(event: AuditEvent): string {
  const { auditId, stage, time, request, caller } = event;
  return JSON.stringify([auditId, stage, time, request.verb, request.uri, caller.uid, caller.username]);
}
