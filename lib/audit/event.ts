import { auditIdOf } from '../identity/audit-id.ts';
import { filledTextAt, isJsonObject, type JsonObject, objectAt, textAt, textsAt } from '../json.ts';
import { parseInstant } from '../time.ts';
import { maskedUri, requestActionOf } from './action.ts';
import type { AuditEvent, AuditRequest, Authorization } from './audit-event.ts';
import { parseCaller, parseImpersonatedUser } from './caller.ts';
import type { CallerMemo } from './caller-memo.ts';
import { createdIdsOf } from './created-object.ts';
import { issuedCredentialId } from './issued-token.ts';

export type AuditEventFlaw = 'audit-event-without-auditID' | 'audit-event-without-user';

/**
 * Parses an audit event. It must have a text `auditID` and a `user`. Any other field of a wrong type counts as absent.
 * @param callers makes events of one caller share its object.
 * @returns the event, or what it lacks.
 */
export function parseAuditEvent(event: JsonObject, callers?: CallerMemo): AuditEvent | AuditEventFlaw {
  const auditId = textAt(event, 'auditID');
  if (auditId === undefined) return 'audit-event-without-auditID';
  const user = objectAt(event, 'user');
  if (user === undefined) return 'audit-event-without-user';
  const caller = callers === undefined ? parseCaller(user) : callers.read(user);
  const identities = { caller, impersonated: parseImpersonatedUser(event) };
  return auditEventOf(event, auditId, identities, annotatedParts(event.annotations));
}

/** Builds the event from its own fields and its annotations. */
function auditEventOf(
  event: JsonObject,
  auditId: string,
  { caller, impersonated }: Pick<AuditEvent, 'caller' | 'impersonated'>,
  { authorization, issuedCredentialId }: AnnotatedParts,
): AuditEvent {
  const time = filledTextAt(event, 'requestReceivedTimestamp');
  return {
    auditId: auditIdOf(auditId),
    stage: filledTextAt(event, 'stage'),
    time,
    at: time === undefined ? undefined : parseInstant(time),
    request: parseRequest(event),
    action: requestActionOf(event, issuedCredentialId),
    responseCode: responseCodeOf(objectAt(event, 'responseStatus')),
    authorization,
    sourceIps: textsAt(event, 'sourceIPs'),
    userAgent: filledTextAt(event, 'userAgent'),
    caller,
    impersonated,
    issuedCredentialId,
    created: createdIdsOf(event),
  };
}

/** The parts that come from an event's annotations. */
export type AnnotatedParts = Pick<AuditEvent, 'authorization' | 'issuedCredentialId'>;

function annotatedParts(annotations: unknown): AnnotatedParts {
  const object = isJsonObject(annotations) ? annotations : undefined;
  return { authorization: parseAuthorization(object), issuedCredentialId: issuedCredentialId(object) };
}

/** Returns the response code. Undefined if it is no int32, as Kubernetes' `Status.code` is (meta/v1, types.go). */
function responseCodeOf(status: JsonObject | undefined): number | undefined {
  const code = status?.code;
  return typeof code === 'number' && (code | 0) === code ? code : undefined;
}

/** Returns whether the value looks like an audit event, complete or not. */
export function looksLikeAuditEvent(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  return 'auditID' in value || (textAt(value, 'apiVersion')?.startsWith('audit.k8s.io/') ?? false);
}

function parseRequest(event: JsonObject): AuditRequest {
  const object = objectAt(event, 'objectRef');
  const resource = filledTextAt(object, 'resource');
  return {
    verb: filledTextAt(event, 'verb'),
    uri: maskedUri(filledTextAt(event, 'requestURI')),
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
