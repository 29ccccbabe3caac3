import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Author } from '../../lib/claims/note.ts';
import { isJsonObject, type JsonObject, objectAt, parseJson, textAt } from '../../lib/json.ts';
import type { VisibleClusters } from '../../lib/usecases/query/visible-tables.ts';
import type { Problem } from './problem.ts';

/** Returns the method of the route that API Gateway matched. */
export function methodOf({ routeKey }: { routeKey?: string }): 'GET' | 'POST' {
  return routeKey?.startsWith('POST ') === true ? 'POST' : 'GET';
}

/**
 * Returns the path of the route that API Gateway matched, such as `/whois` of `GET /whois`. If the event has no such
 * route, returns `rawPath`. That path can begin with the mapping key of a custom domain (API Gateway Developer Guide,
 * "Mapping API stages to a custom domain name for HTTP APIs").
 */
export function pathOf({ routeKey, rawPath }: Pick<APIGatewayProxyEventV2, 'rawPath'> & { routeKey?: string }): string {
  return /^[A-Z]+ (\/.*)$/.exec(routeKey ?? '')?.[1] ?? rawPath;
}

/**
 * Returns the user that the authorizer states: the subject of the verified token, or the ARN of the AWS identity that
 * signed. Undefined if it states neither. The request's own headers and body are never used. Source: API Gateway
 * Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", format 2.0.
 */
export function authorOf({ requestContext }: Pick<APIGatewayProxyEventV2, 'requestContext'>): Author | undefined {
  const context: unknown = requestContext;
  const authorizer = isJsonObject(context) ? objectAt(context, 'authorizer') : undefined;
  const claims = objectAt(objectAt(authorizer, 'jwt'), 'claims');
  if (claims !== undefined) return authorOfClaims(claims);
  const arn = textAt(objectAt(authorizer, 'iam'), 'userArn');
  return arn ? { id: arn } : undefined;
}

/**
 * Returns the author in a token's claims, which API Gateway passes on as texts. From some issuers, a program's token
 * has no subject but a client.
 */
function authorOfClaims(claims: JsonObject): Author | undefined {
  const id = textAt(claims, 'sub') || textAt(claims, 'client_id');
  return id ? { id, ...nameOf(claims) } : undefined;
}

/**
 * Returns the author's name. An email address counts only if the issuer states `email_verified`: the issuer then
 * checked that the subject owns the address. Issuers without this claim (Entra) let a tenant write any address.
 * Otherwise the name is a username, marked as stated, since it may pass to another person. Source: OpenID Connect Core
 * 1.0, 5.1 ("Standard Claims") and 5.7 ("Claim Stability and Uniqueness").
 */
function nameOf(claims: JsonObject): Pick<Author, 'name' | 'nameIs'> {
  const email = textAt(claims, 'email_verified') === 'true' && textAt(claims, 'email');
  if (email) return { name: email, nameIs: 'verified-email' };
  const stated = USERNAMES.map((claim) => textAt(claims, claim)).find((name) => name);
  return stated === undefined ? {} : { name: stated, nameIs: 'stated' };
}

const USERNAMES = ['preferred_username', 'username', 'cognito:username'];

/** A question as it is logged. */
interface LoggedQuestion {
  readonly path: string;
  readonly who?: Author | undefined;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
}

/**
 * The longest value that is logged, in characters. Names, IDs and ARNs are shorter; a longer one is a pasted text,
 * which may hold a secret.
 */
const LONGEST_LOGGED = 200;

/**
 * Returns who asks and what, for the log (CONTRACT, 13.55). A value that is too long is replaced by its length. Cursors
 * are left out, because they hold parts of a record. So is the body.
 */
export function questionToLog(event: APIGatewayProxyEventV2): LoggedQuestion {
  const asked = new URLSearchParams(event.rawQueryString);
  asked.delete('cursor');
  const logged = (value: string) => (value.length > LONGEST_LOGGED ? `${value.length} characters` : value);
  const parameters = [...new Set(asked.keys())].map((name) => [logged(name), asked.getAll(name).map(logged)] as const);
  return { path: pathOf(event), who: authorOf(event), parameters: Object.fromEntries(parameters) };
}

/** The largest body of a request, in bytes. The longest note has a few thousand. */
const MOST_BYTES = 16_384;

/**
 * Returns the body of a request with the content type JSON, or what is wrong. A web page cannot send this type without
 * a CORS preflight, and this API allows none. Source: Fetch standard, "CORS-safelisted request-header".
 */
export function jsonBody({
  headers,
  body = '',
  isBase64Encoded,
}: Pick<APIGatewayProxyEventV2, 'headers' | 'body' | 'isBase64Encoded'>): string | Problem {
  const [type = ''] = (headers?.['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json')
    return { status: 415, detail: 'Send the body with content-type: application/json.' };
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : Buffer.from(body);
  if (bytes.length > MOST_BYTES)
    return { status: 413, detail: `The body is too long. Send at most ${MOST_BYTES} bytes.` };
  return bytes.toString();
}

/** The groups that may use the service: a token must have one of them in the claim. */
interface RequiredGroups {
  readonly claim: string;
  readonly anyOf: readonly string[];
}

/**
 * Returns whether a request's token has one of the groups. If no groups are required, every token is accepted. API
 * Gateway has verified this token before. The claims that API Gateway passes on are not used. It writes a list as one
 * text, in which a group's name with a space looks like two (`[site admins]`).
 */
export function isInRequiredGroup(authorization: string | undefined, { claim, anyOf }: RequiredGroups): boolean {
  if (anyOf.length === 0) return true;
  const named = claimOf(authorization, claim);
  const groups: readonly unknown[] = Array.isArray(named) ? named : [named];
  return groups.some((group) => typeof group === 'string' && anyOf.includes(group));
}

/**
 * Returns the clusters that a claim of the request's token names. The claim is a list, or a text with commas or spaces
 * between. Returns `all` if no claim is configured, or if the claim has `*`. Undefined if the claim names no cluster or
 * too many, or has anything else in it.
 */
export function clustersOf(authorization: string | undefined, claim: string | undefined): VisibleClusters | undefined {
  if (claim === undefined) return 'all';
  const named = claimOf(authorization, claim);
  const texts: readonly unknown[] =
    typeof named === 'string' ? named.split(/[\s,]+/) : Array.isArray(named) ? named : [];
  const clusters = texts.filter((text): text is string => typeof text === 'string' && text !== '');
  const isRead = texts.every((text) => typeof text === 'string');
  if (!isRead || clusters.length === 0 || clusters.length > MOST_CLUSTERS) return undefined;
  return clusters.includes('*') ? 'all' : clusters;
}

/** The maximum number of names of clusters in a claim. */
const MOST_CLUSTERS = 100;

function claimOf(authorization = '', claim: string): unknown {
  const [, payload = ''] = /^(?:Bearer\s+)?[\w-]+\.([\w-]+)\.[\w-]*$/i.exec(authorization.trim()) ?? [];
  const claims = parseJson(Buffer.from(payload, 'base64url').toString());
  return claims.ok && isJsonObject(claims.value) && Object.hasOwn(claims.value, claim)
    ? claims.value[claim]
    : undefined;
}
