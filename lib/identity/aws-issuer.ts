/**
 * Matches the issuers of the tokens of GetWebIdentityToken, one for each account (IAM User Guide, "Understanding token
 * claims"). An issuer is written as the ARN of a provider, as a URL, or only as a host. Anybody can have a path that
 * looks like such a host.
 */
const AWS_ISSUER =
  /^(?:arn:[^:]*:iam::\d{12}:oidc-provider\/|https:\/\/)?[0-9a-z-]+\.tokens\.sts\.global\.api\.aws\/?$/;

/**
 * Returns the provider without the prefix of its ARN. Records have either the ARN, or only the host and path (IAM User
 * Guide, OIDC federation).
 */
export function providerName(provider: string | undefined): string | undefined {
  return provider?.replace(/^arn:[^:]*:iam::[^:]*:oidc-provider\//, '');
}

/** Returns whether the text names AWS's own issuer of web identity tokens. */
export function isAwsIssuer(text: string): boolean {
  return AWS_ISSUER.test(text);
}
