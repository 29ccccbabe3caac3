import type { AuditId } from '../identity/audit-id.ts';
import { serviceAccountText } from '../identity/service-account.ts';
import { filledTextAt, type JsonObject } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import type { AuditEvent, AuditRequest } from './audit-event.ts';
import type { ActingCaller, ImpersonatedUser } from './caller.ts';

/**
 * A service account token as the audit event that issued it shows it (CONTRACT, "Service account tokens").
 *
 * Trust: the id and the time are the API server's; `auditId` may be the client's.
 * Source: KEP-4193; kubernetes#123098 for the annotation's first name.
 */
export interface IssuedToken {
  /** `JTI=<uuid>` */
  readonly credentialId: string;
  /** `<namespace>:<name>` */
  readonly serviceAccount: string;
  readonly cluster?: string | undefined;
  readonly auditId: AuditId;
  readonly issuedAt: EpochMillis;
  /** Who asked for the token. */
  readonly caller: ActingCaller;
  readonly impersonated?: ImpersonatedUser | undefined;
  /** The account that handed its event over, which may name any cluster. */
  readonly handedOverBy?: string | undefined;
}

const ANNOTATIONS = [
  'authentication.kubernetes.io/issued-credential-id',
  'authentication.k8s.io/issued-credential-id',
] as const;

/** Whether a text can hold the audit event of an issued token: what holds none need not be read for it. */
export const TOKEN_MARK = 'issued-credential-id';

/** The id of the token that the event of these annotations issued. */
export function issuedCredentialId(annotations: JsonObject | undefined): string | undefined {
  return filledTextAt(annotations, ANNOTATIONS[0]) ?? filledTextAt(annotations, ANNOTATIONS[1]);
}

function isTokenRequest({ apiGroup, resource, subresource }: AuditRequest): boolean {
  return apiGroup === '' && resource === 'serviceaccounts' && subresource === 'token';
}

/**
 * Undefined where the event issued none, or at a time that nobody can read. A webhook, or an admission policy, that is
 * called `authentication.kubernetes.io` can write the annotation beside any request, also one that is refused.
 */
export function issuedTokenOf(
  event: AuditEvent,
  cluster: string | undefined,
  handedOverBy?: string,
): IssuedToken | undefined {
  const { issuedCredentialId: credentialId, request, responseCode, at, auditId, caller, impersonated } = event;
  if (credentialId === undefined || at === undefined || request.verb !== 'create') return undefined;
  if (!isTokenRequest(request) || (responseCode !== undefined && responseCode >= 300)) return undefined;
  const { namespace, name } = request;
  if (namespace === undefined || name === undefined) return undefined;
  const { groups: _groups, pod: _pod, ...issuing } = caller;
  const serviceAccount = serviceAccountText({ namespace, name });
  return { credentialId, serviceAccount, cluster, auditId, issuedAt: at, caller: issuing, impersonated, handedOverBy };
}

/** `JTI=<uuid>` of a token; certificates have ids of another form (KEP-4193). */
const TOKEN_ID = /^JTI=./;

/** Whether the caller is a service account, by a token that can be told from others. */
export function isTokenOf({ kind, credentialId }: Pick<ActingCaller, 'kind' | 'credentialId'>): boolean {
  return kind === 'kubernetes-service-account' && credentialId !== undefined && TOKEN_ID.test(credentialId);
}

/** The order of the events that say to have issued one token: ids are the server's, but not only the server can write them. */
export function earliestFirst(a: IssuedToken, b: IssuedToken): number {
  return a.issuedAt - b.issuedAt || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}
