import { isJsonObject, parseJson } from '../../lib/json.ts';

/** Whose tokens may ask: those that name one of the groups in the claim. */
export interface RequiredGroups {
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
