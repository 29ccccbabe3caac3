import { isAwsIssuer } from '../identity/aws-issuer.ts';
import type { ActingCaller } from './caller.ts';
import { tokenIdOf } from './issued-token.ts';

/** A web identity token of AWS's own STS, as a request made with it shows it. */
export interface AwsToken {
  /** The token's `jti`: the ID that the record of GetWebIdentityToken has. */
  readonly id: string;
  /**
   * The part of the username after the issuer. It is the token's subject, unless the cluster reads usernames from
   * another claim.
   */
  readonly subject: string;
}

/**
 * Returns AWS's own token with which the caller signed in (CONTRACT, rule 5). Any identity provider can choose the ID
 * of its tokens. Kubernetes puts the issuer before the username, unless the cluster's identity provider is configured
 * otherwise. So a username without AWS's issuer does not count.
 */
export function awsTokenOf({ kind, username = '', credentialId }: ActingCaller): AwsToken | undefined {
  const id = kind === 'kubernetes-user' ? tokenIdOf(credentialId) : undefined;
  const [issuer = ''] = username.split('#', 1);
  const subject = username.slice(issuer.length + 1);
  if (id === undefined || subject === '' || !issuer.startsWith('https://') || !isAwsIssuer(issuer)) return undefined;
  return { id, subject };
}
