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
 * A service account token, as the audit event that issued it shows it (CONTRACT, "Service account tokens"). Trust: the
 * API server states the ID and the time. The client can choose `auditId`. Source: KEP-4193, and kubernetes#123098 for
 * the first name of the annotation.
 */
export interface IssuedToken {
  /** The ID of the token, `JTI=<uuid>`. */
  readonly credentialId: string;
  /** The service account that the token is for, `<namespace>:<name>`. */
  readonly serviceAccount: string;
  /** The cluster that issued the token. The token counts only for requests to that cluster. */
  readonly clusterKey: ClusterKey;
  readonly auditId: AuditId;
  readonly issuedAt: EpochMillis;
  /** The caller that requested the token. */
  readonly caller: ActingCaller;
  readonly impersonated?: ImpersonatedUser | undefined;
  /** Present if the token was requested as a node, by a client that nodes do not use (`isUnusualNodeClient`). */
  readonly unusualNodeClient?: true | undefined;
  /** The account that handed the event over. Its events can name any cluster. */
  readonly handedOverBy?: string | undefined;
}

const ANNOTATIONS = [
  'authentication.kubernetes.io/issued-credential-id',
  'authentication.k8s.io/issued-credential-id',
] as const;

/** A text that every audit event of an issued token contains. Input without it has no such token. */
export const TOKEN_MARK = 'issued-credential-id';

/** Returns the ID of the token that the event with these annotations issued. */
export function issuedCredentialId(annotations: JsonObject | undefined): string | undefined {
  return filledTextAt(annotations, ANNOTATIONS[0]) ?? filledTextAt(annotations, ANNOTATIONS[1]);
}

function isTokenRequest({ apiGroup, resource, subresource }: AuditRequest): boolean {
  return apiGroup === '' && resource === 'serviceaccounts' && subresource === 'token';
}

/**
 * Returns the token that the event issued. Undefined if it issued none, or if its time cannot be parsed. A webhook or
 * an admission policy named `authentication.kubernetes.io` can write the annotation into any request. So a request that
 * cannot have issued a token does not count.
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

/** Matches `JTI=<id>` of a token. IDs of certificates have another form (KEP-4193). */
const TOKEN_ID = /^JTI=(.+)$/s;

/**
 * Returns the ID of the service account token that this credential ID names. Undefined if it names another credential.
 */
export function tokenIdOf(credentialId: string | undefined): string | undefined {
  return credentialId === undefined ? undefined : TOKEN_ID.exec(credentialId)?.[1];
}

/** Returns whether the caller is a service account with a token that has an ID. */
export function isTokenOf({ kind, credentialId }: Pick<ActingCaller, 'kind' | 'credentialId'>): boolean {
  return kind === 'kubernetes-service-account' && tokenIdOf(credentialId) !== undefined;
}

/**
 * Orders events that claim to have issued the same token. The result does not depend on the order in which they come.
 * The server makes the IDs, but others can write them too. Among equals, a copy that states a field comes before one
 * that lacks it. Returns 0 if everything that attribution reads is equal.
 */
export function earliestFirst(a: IssuedToken, b: IssuedToken): number {
  return a.issuedAt - b.issuedAt || compareTexts(issuerText(a), issuerText(b));
}

/**
 * Returns at most `most` tokens of the earliest time, in order. They are copies of one event, or events that somebody
 * wrote with its time. If attribution reads the same from several, only one is returned.
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
 * Returns the tokens without those that state nothing more than another token (CONTRACT, rule 8). Of several that state
 * the same, the first one stays.
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
