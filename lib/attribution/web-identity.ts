import type { AwsToken } from '../audit/aws-token.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { assumedRoleRef, isSamePrincipal, roleRef } from '../identity/arn.ts';
import { isAwsIssuer } from '../identity/aws-issuer.ts';
import type { GrantIndex } from './grant-index.ts';

/**
 * AWS's own token federation (CONTRACT, rule 5, "Federation by token"). A principal requests a web identity token with
 * GetWebIdentityToken. AssumeRoleWithWebIdentity exchanges it for a role session, for example in another partition. If
 * AWS's issuer is the identity provider of a cluster, the cluster accepts the token itself.
 */

/**
 * Returns the grants, from any time, that issued the token which this grant exchanged. Anybody can run an identity
 * provider and write any ID and subject into its tokens. So a token ID counts only if AWS states that it issued the
 * token, and the principal that AWS states must be the one that requested it.
 */
export function grantsOfExchangedToken(grant: Grant, index: GrantIndex): readonly Grant[] {
  const { exchangedTokenId } = grant;
  if (exchangedTokenId === undefined || !isOfAws(grant)) return [];
  const principal = grant.sourcePrincipal ?? awsSubject(grant);
  return index.grantsOfToken(exchangedTokenId).filter((issuing) => isIssuedTo(issuing, principal));
}

/** Returns the grants, from any time, that issued the token with which a caller of the cluster signed in. */
export function grantsOfPresentedToken({ id, subject }: AwsToken, index: GrantIndex): readonly Grant[] {
  return index.grantsOfToken(id).filter((issuing) => isIssuedTo(issuing, principalIn(subject)));
}

/** Returns whether this principal can have requested the token. If one of the two sides states no principal, it can. */
function isIssuedTo({ caller }: Grant, principal: string | undefined): boolean {
  const requester = caller.arn ?? caller.issuer?.arn;
  return principal === undefined || requester === undefined || isSamePrincipal(requester, principal);
}

/** Returns whether AWS states that AWS STS issued the exchanged token. */
function isOfAws({ sourcePrincipal, federatedProvider }: Grant): boolean {
  return sourcePrincipal !== undefined || (federatedProvider !== undefined && isAwsIssuer(federatedProvider));
}

const AWS_PRINCIPAL = /^arn:[^:]*:(?:iam::\d{12}:(?:role|user)\/|sts::\d{12}:assumed-role\/).+$/s;

/**
 * Returns the token's subject if it is the ARN of an AWS role, role session or user. If the record has no `userName`,
 * the subject is the end of `principalId`, after the provider and the audience.
 */
function awsSubject({ caller: { userName: name, principalId = '' } }: Grant): string | undefined {
  return principalIn(name ?? principalId.slice(principalId.lastIndexOf(':arn:') + 1));
}

function principalIn(subject: string): string | undefined {
  return AWS_PRINCIPAL.test(subject) ? subject : undefined;
}

/** Returns whether the token's subject is an AWS role or one of its sessions. Anybody can be behind such a principal. */
export function isIssuedToRole(grant: Grant): boolean {
  return isOfRole(awsSubject(grant));
}

/** Returns whether the ARN is that of an AWS role or of one of its sessions. */
export function isOfRole(arn: string | undefined): boolean {
  return (assumedRoleRef(arn) ?? roleRef(arn)) !== undefined;
}
