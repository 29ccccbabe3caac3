import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Author } from '../../lib/claims/note.ts';
import { isJsonObject, type JsonObject, objectAt, textAt } from '../../lib/json.ts';

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
