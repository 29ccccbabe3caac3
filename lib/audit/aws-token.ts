import { isAwsIssuer } from '../identity/aws-issuer.ts';
import type { ActingCaller } from './caller.ts';
import { tokenIdOf } from './issued-token.ts';

/** A web identity token of AWS's own STS, as far as a request with it shows the token. */
export interface AwsToken {
  /** The token's `jti`. The CloudTrail record of GetWebIdentityToken has the same ID. */
  readonly id: string;
  /**
   * The part of the username after the issuer. It is the token's subject, unless the cluster reads usernames from
   * another claim.
   */
  readonly subject: string;
}

/**
 * Returns AWS's own token with which the caller signed in (CONTRACT, rule 5). Undefined if the username does not name
 * AWS's issuer. Other identity providers can choose the same token IDs. Kubernetes puts the issuer before the username,
 * unless the cluster's identity provider is configured otherwise.
 */
export function awsTokenOf({ kind, username = '', credentialId }: ActingCaller): AwsToken | undefined {
  const id = kind === 'kubernetes-user' ? tokenIdOf(credentialId) : undefined;
  const [issuer = ''] = username.split('#', 1);
  const subject = username.slice(issuer.length + 1);
  if (id === undefined || subject === '' || !issuer.startsWith('https://') || !isAwsIssuer(issuer)) return undefined;
  return { id, subject };
}
