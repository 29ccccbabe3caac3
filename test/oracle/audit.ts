import { areCopies, areEqual } from './copies.ts';
import { type JsonObject, object, present, text } from './json.ts';
import { openAudit } from './origin.ts';
import { readTime } from './time.ts';

/** A token that an event issued, and its service account. */
export type IssuedGrant = { readonly credentialId: string; readonly serviceAccount: string };

export type AuditEvent = {
  readonly auditId: string;
  /** The cluster's ARN, or its name where the ARN is not known (rule 9.10). */
  readonly cluster?: string;
  readonly time?: number;
  readonly user: JsonObject;
  readonly impersonated?: JsonObject;
  readonly issued?: IssuedGrant;
  readonly raw: JsonObject;
};

/** Returns the audit events of values as they are in files, each once. Copies that differ are several. */
export function readAudit(values: readonly unknown[], notice: (word: string) => void): AuditEvent[] {
  return eachOnce(readCopies(values, notice));
}

/** Returns the audit events of values as they are in files, with every copy of each. */
export function readCopies(values: readonly unknown[], notice: (word: string) => void): AuditEvent[] {
  return values
    .flatMap((raw) => openAudit(raw, notice))
    .flatMap(({ event, cluster }) => readEvent(event, cluster) ?? []);
}

/** Returns the events without the copies that state the same as an earlier one (rule 10.16). */
export function eachOnce(events: readonly AuditEvent[]): AuditEvent[] {
  const isSame = (event: AuditEvent) => (other: AuditEvent) => areCopies(event, other) && areEqual(event, other);
  return events.filter((event, index) => events.findIndex(isSame(event)) === index);
}

function readEvent(raw: JsonObject, cluster: string | undefined): AuditEvent | undefined {
  const user = object(raw.user);
  const auditId = raw.auditID;
  if (!user || typeof auditId !== 'string') return undefined;
  const time = readTime(raw.requestReceivedTimestamp);
  return present<AuditEvent>({
    auditId,
    cluster,
    time,
    user,
    impersonated: object(raw.impersonatedUser),
    issued: issuedBy(raw),
    raw,
  });
}

function issuedBy(raw: JsonObject): IssuedGrant | undefined {
  const { resource, subresource, namespace, name } = object(raw.objectRef) ?? {};
  const annotations = object(raw.annotations);
  const credentialId =
    text(annotations?.['authentication.kubernetes.io/issued-credential-id']) ??
    text(annotations?.['authentication.k8s.io/issued-credential-id']);
  const issues = raw.verb === 'create' && resource === 'serviceaccounts' && subresource === 'token';
  const code = object(raw.responseStatus)?.code;
  const failed = typeof code === 'number' && code >= 300;
  if (!issues || failed || credentialId === undefined || !text(namespace) || !text(name)) return undefined;
  return { credentialId, serviceAccount: `${namespace}:${name}` };
}
