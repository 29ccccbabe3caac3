import type { AuditId } from '../identity/audit-id.ts';
import { type ClusterKey, clusterKeyOf } from '../identity/cluster.ts';
import { serviceAccountText } from '../identity/service-account.ts';
import { filledTextAt, type JsonObject } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import type { AuditEvent, AuditRequest } from './audit-event.ts';
import type { ActingCaller, ImpersonatedUser } from './caller.ts';
import type { EventSite } from './event-site.ts';
import { isUnusualNodeClient } from './node-client.ts';

/**
 * A service account token, as the audit event that issued it shows it (CONTRACT, "Service account tokens").
 * Trust: the ID and the time are the API server's; `auditId` may be the client's. Source: KEP-4193; kubernetes#123098
 * for the annotation's first name.
 */
export interface IssuedToken {
  /** The ID of the token, `JTI=<uuid>`. */
  readonly credentialId: string;
  /** The service account that the token is for, `<namespace>:<name>`. */
  readonly serviceAccount: string;
  /** The cluster that issued it. It never vouches for a request to another one. */
  readonly clusterKey: ClusterKey;
  readonly auditId: AuditId;
  readonly issuedAt: EpochMillis;
  /** The caller that requested the token. */
  readonly caller: ActingCaller;
  readonly impersonated?: ImpersonatedUser | undefined;
  /** Whether a client that nodes do not use requested it as a node: see `isUnusualNodeClient`. */
  readonly unusualNodeClient?: true | undefined;
  /** The account that handed the event over. It may name any cluster. */
  readonly handedOverBy?: string | undefined;
}

const ANNOTATIONS = [
  'authentication.kubernetes.io/issued-credential-id',
  'authentication.k8s.io/issued-credential-id',
] as const;

/** Text that every audit event of an issued token contains. Input without it need not be searched for tokens. */
export const TOKEN_MARK = 'issued-credential-id';

/** Returns the ID of the token that the event with these annotations issued. */
export function issuedCredentialId(annotations: JsonObject | undefined): string | undefined {
  return filledTextAt(annotations, ANNOTATIONS[0]) ?? filledTextAt(annotations, ANNOTATIONS[1]);
}

function isTokenRequest({ apiGroup, resource, subresource }: AuditRequest): boolean {
  return apiGroup === '' && resource === 'serviceaccounts' && subresource === 'token';
}

/**
 * Returns the token that the event issued; undefined if it issued none, or if its time cannot be parsed. A webhook or
 * an admission policy called `authentication.kubernetes.io` can write the annotation into any request, even a refused
 * one.
 */
export function issuedTokenOf(event: AuditEvent, site: EventSite): IssuedToken | undefined {
  const { issuedCredentialId: credentialId, request, responseCode, at, auditId, caller, impersonated } = event;
  if (credentialId === undefined || at === undefined || request.verb !== 'create') return undefined;
  if (!isTokenRequest(request) || (responseCode !== undefined && responseCode >= 300)) return undefined;
  const { namespace, name } = request;
  if (namespace === undefined || name === undefined) return undefined;
  const { groups: _groups, pod: _pod, ...issuing } = caller;
  const serviceAccount = serviceAccountText({ namespace, name });
  const { handedOverBy } = site.origin ?? {};
  const clusterKey = clusterKeyOf(site);
  return {
    credentialId,
    serviceAccount,
    clusterKey,
    auditId,
    issuedAt: at,
    caller: issuing,
    impersonated,
    ...(isUnusualNodeClient(event) && { unusualNodeClient: true }),
    handedOverBy,
  };
}

/** `JTI=<id>` of a token. IDs of certificates have another form (KEP-4193). */
const TOKEN_ID = /^JTI=(.+)$/s;

/** Returns the ID of the service account token that this credential ID names. Undefined if it names another credential. */
export function tokenIdOf(credentialId: string | undefined): string | undefined {
  return credentialId === undefined ? undefined : TOKEN_ID.exec(credentialId)?.[1];
}

/** Returns whether the caller is a service account with a token that has an ID. */
export function isTokenOf({ kind, credentialId }: Pick<ActingCaller, 'kind' | 'credentialId'>): boolean {
  return kind === 'kubernetes-service-account' && tokenIdOf(credentialId) !== undefined;
}

/**
 * Orders events that claim to have issued the same token. The result does not depend on the order in which they come.
 * The server makes the IDs, but others can write them too. If one copy states a field and the other lacks it, the one
 * that states it comes first. Returns 0 if all that attribution reads is equal.
 */
export function earliestFirst(a: IssuedToken, b: IssuedToken): number {
  return a.issuedAt - b.issuedAt || compareTexts(issuerText(a), issuerText(b));
}

/**
 * Returns the tokens of the earliest time in order, at most `most`: copies of one event, or events that were written
 * with its time. If attribution reads the same from several, one of them is returned.
 */
export function earliestOf(tokens: readonly IssuedToken[], most: number): readonly IssuedToken[] {
  if (tokens.length < 2) return tokens;
  const ordered = tokens.toSorted(earliestFirst);
  const isFirst = (token: IssuedToken, at: number) => {
    const before = ordered[at - 1];
    return before === undefined || earliestFirst(before, token) !== 0;
  };
  return ordered
    .filter(({ issuedAt }) => issuedAt === ordered[0]?.issuedAt)
    .filter(isFirst)
    .slice(0, most);
}

/**
 * Returns the tokens without those that state nothing beyond what another token states (CONTRACT, rule 8). If several
 * state the same, the first one stays.
 */
export function withoutLeaner(tokens: readonly IssuedToken[]): readonly IssuedToken[] {
  if (tokens.length < 2) return tokens;
  const all = tokens.map((token) => ({ token, fields: issuerFields(token) }));
  const isLeaner = (fields: IssuerFields, at: number) =>
    all.some(
      (other, place) =>
        place !== at && isWithin(fields, other.fields) && (place < at || !isWithin(other.fields, fields)),
    );
  return all.flatMap(({ token, fields }, at) => (isLeaner(fields, at) ? [] : token));
}

type IssuerFields = readonly (string | undefined)[];

/** Returns everything that attribution reads about the caller who requested the token (CONTRACT, rule 8). */
function issuerFields({ caller, impersonated = {}, unusualNodeClient }: IssuedToken): IssuerFields {
  const { uid, username, sessionName, accessKeyId, arn, canonicalArn, credentialId } = caller;
  const { first } = impersonated;
  const persons = [impersonated.username, impersonated.uid, first?.username, first?.uid];
  const client = unusualNodeClient === true ? 'unusual' : undefined;
  return [uid, username, sessionName, accessKeyId, arn, canonicalArn, credentialId, ...persons, client];
}

/** Returns the fields as text. In JSON, a text comes before `null`, which stands for a field that is not stated. */
function issuerText(token: IssuedToken): string {
  return JSON.stringify([token.auditId, ...issuerFields(token)]);
}

function isWithin(fields: IssuerFields, others: IssuerFields): boolean {
  return fields.every((field, at) => field === undefined || field === others[at]);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
