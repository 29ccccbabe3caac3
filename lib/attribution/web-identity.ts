import type { AwsToken } from '../audit/aws-token.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { assumedRoleRef, isSamePrincipal, roleRef } from '../identity/arn.ts';
import { isAwsIssuer } from '../identity/aws-issuer.ts';
import type { GrantIndex } from './grant-index.ts';

/**
 * AWS's own token federation (CONTRACT, rule 5, "Federation by token"): a principal requests a web identity token
 * (GetWebIdentityToken), and AssumeRoleWithWebIdentity exchanges it for a role session of another partition. A cluster whose
 * identity provider is AWS's issuer takes the token itself.
 */

/**
 * Returns the grants that issued the token which this grant exchanged, at any time. Anybody can run an identity provider, and
 * write any ID and any subject into its tokens. So a token ID counts only if AWS states that it issued the token. The principal
 * that AWS states must be the one that requested it.
 */
export function grantsOfExchangedToken(grant: Grant, index: GrantIndex): readonly Grant[] {
  const { exchangedTokenId } = grant;
  if (exchangedTokenId === undefined || !isOfAws(grant)) return [];
  const principal = grant.sourcePrincipal ?? awsSubject(grant);
  return index.grantsOfToken(exchangedTokenId).filter((issuing) => isIssuedTo(issuing, principal));
}

/** Returns the grants that issued the token with which a caller of the cluster signed in, at any time. */
export function grantsOfPresentedToken({ id, subject }: AwsToken, index: GrantIndex): readonly Grant[] {
  return index.grantsOfToken(id).filter((issuing) => isIssuedTo(issuing, principalIn(subject)));
}

/** Returns whether the principal can have requested the token. It can if one of the two sides states no principal. */
function isIssuedTo({ caller }: Grant, principal: string | undefined): boolean {
  const requester = caller.arn ?? caller.issuer?.arn;
  return principal === undefined || requester === undefined || isSamePrincipal(requester, principal);
}

/** Returns whether AWS states that its own STS issued the exchanged token. */
function isOfAws({ sourcePrincipal, federatedProvider }: Grant): boolean {
  return sourcePrincipal !== undefined || (federatedProvider !== undefined && isAwsIssuer(federatedProvider));
}

const AWS_PRINCIPAL = /^arn:[^:]*:(?:iam::\d{12}:(?:role|user)\/|sts::\d{12}:assumed-role\/).+$/s;

/**
 * Returns the token's subject if it is the ARN of an AWS role, role session or user. A record without `userName` has it at the
 * end of `principalId`, after the provider and the audience.
 */
function awsSubject({ caller: { userName: name, principalId = '' } }: Grant): string | undefined {
  return principalIn(name ?? principalId.slice(principalId.lastIndexOf(':arn:') + 1));
}

function principalIn(subject: string): string | undefined {
  return AWS_PRINCIPAL.test(subject) ? subject : undefined;
}

/** Returns whether the token's subject is an AWS role or one of its sessions: a principal that may be anybody. */
export function isIssuedToRole(grant: Grant): boolean {
  return isOfRole(awsSubject(grant));
}

/** Returns whether the ARN is that of an AWS role or of one of its sessions. */
export function isOfRole(arn: string | undefined): boolean {
  return (assumedRoleRef(arn) ?? roleRef(arn)) !== undefined;
}
