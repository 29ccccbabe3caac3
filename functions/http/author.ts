import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Author } from '../../lib/claims/note.ts';
import { isJsonObject, type JsonObject, objectAt, textAt } from '../../lib/json.ts';

/**
 * Who asks, as the authorizer says: the subject of the token that it verified, with the e-mail that the issuer verified, or
 * the ARN of the AWS identity that signed. Undefined where it says neither. Never anything that the request's own headers or
 * body say. Source: API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", format 2.0.
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
  if (!id) return undefined;
  const isVerified = textAt(claims, 'email_verified') !== 'false';
  const name =
    (isVerified && textAt(claims, 'email')) || textAt(claims, 'username') || textAt(claims, 'cognito:username');
  return { id, ...(name && { name }) };
}
