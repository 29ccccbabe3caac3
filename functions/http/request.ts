import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Author } from '../../lib/claims/note.ts';
import { isJsonObject, type JsonObject, objectAt, parseJson, textAt } from '../../lib/json.ts';
import type { Problem } from './problem.ts';

/** What the route that API Gateway matched is asked with. */
export function methodOf({ routeKey }: { routeKey?: string }): 'GET' | 'POST' {
  return routeKey?.startsWith('POST ') === true ? 'POST' : 'GET';
}

/**
 * The path of the route that API Gateway matched, `/whois` of `GET /whois`. `rawPath` has before it the mapping key of a
 * custom domain (API Gateway Developer Guide, "Mapping API stages to a custom domain name for HTTP APIs"); it counts only
 * where the event names no such route.
 */
export function pathOf({ routeKey, rawPath }: Pick<APIGatewayProxyEventV2, 'rawPath'> & { routeKey?: string }): string {
  return /^[A-Z]+ (\/.*)$/.exec(routeKey ?? '')?.[1] ?? rawPath;
}

/**
 * Who asks, as the authorizer says: the subject of the token that it verified, or the ARN of the AWS identity that signed.
 * Undefined where it says neither. Never anything that the request's own headers or body say. Source: API Gateway Developer
 * Guide, "Create AWS Lambda proxy integrations for HTTP APIs", format 2.0.
 */
export function authorOf({ requestContext }: Pick<APIGatewayProxyEventV2, 'requestContext'>): Author | undefined {
  const context: unknown = requestContext;
  const authorizer = isJsonObject(context) ? objectAt(context, 'authorizer') : undefined;
  const claims = objectAt(objectAt(authorizer, 'jwt'), 'claims');
  if (claims !== undefined) return authorOfClaims(claims);
  const arn = textAt(objectAt(authorizer, 'iam'), 'userArn');
  return arn ? { id: arn } : undefined;
}

/** API Gateway hands claims on as texts. A program's token has no subject with some issuers, but a client. */
function authorOfClaims(claims: JsonObject): Author | undefined {
  const id = textAt(claims, 'sub') || textAt(claims, 'client_id');
  return id ? { id, ...nameOf(claims) } : undefined;
}

/**
 * An e-mail counts only where the issuer says `email_verified`: that it made sure that whoever has the subject has the
 * address. Issuers that leave the claim out (Entra) let a tenant write any address. Else a username, marked as stated: it may change
 * hands. Source: OpenID Connect Core 1.0, 5.1 ("Standard Claims") and 5.7 ("Claim Stability and Uniqueness").
 */
function nameOf(claims: JsonObject): Pick<Author, 'name' | 'nameIs'> {
  const email = textAt(claims, 'email_verified') === 'true' && textAt(claims, 'email');
  if (email) return { name: email, nameIs: 'verified-email' };
  const stated = USERNAMES.map((claim) => textAt(claims, claim)).find((name) => name);
  return stated === undefined ? {} : { name: stated, nameIs: 'stated' };
}

const USERNAMES = ['preferred_username', 'username', 'cognito:username'];

/** In bytes: the longest note is a few thousand. */
const MOST_BYTES = 16_384;

/**
 * The body of a request that says it is JSON, or what is wrong. No form and no plain request of a page can say so without
 * being asked first (Fetch standard, "CORS-safelisted request-header"), and nothing here ever agrees.
 */
export function jsonBody({
  headers,
  body = '',
  isBase64Encoded,
}: Pick<APIGatewayProxyEventV2, 'headers' | 'body' | 'isBase64Encoded'>): string | Problem {
  const [type = ''] = (headers?.['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json')
    return { status: 415, detail: 'Send it as content-type: application/json.' };
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : Buffer.from(body);
  if (bytes.length > MOST_BYTES) return { status: 413, detail: `Send ${MOST_BYTES} bytes at most.` };
  return bytes.toString();
}

/** Whose tokens may ask: those that name one of the groups in the claim. */
interface RequiredGroups {
  readonly claim: string;
  readonly anyOf: readonly string[];
}

/**
 * Whether a request's token names one of the groups; where none is required, every token does. API Gateway has verified
 * this very token before; what it hands on of its claims writes a list as one text, in which a group's name with a blank
 * looks like two (`[site admins]`).
 */
export function mayAsk(authorization: string | undefined, { claim, anyOf }: RequiredGroups): boolean {
  if (anyOf.length === 0) return true;
  const named = claimOf(authorization, claim);
  const groups: readonly unknown[] = Array.isArray(named) ? named : [named];
  return groups.some((group) => typeof group === 'string' && anyOf.includes(group));
}

function claimOf(authorization = '', claim: string): unknown {
  const [, payload = ''] = /^(?:Bearer\s+)?[\w-]+\.([\w-]+)\.[\w-]*$/i.exec(authorization.trim()) ?? [];
  const claims = parseJson(Buffer.from(payload, 'base64url').toString());
  return claims.ok && isJsonObject(claims.value) && Object.hasOwn(claims.value, claim)
    ? claims.value[claim]
    : undefined;
}
