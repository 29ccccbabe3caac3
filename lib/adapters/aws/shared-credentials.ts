/** Credentials in the SDK's form. */
export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** How long before expiry the SDK asks for new credentials, in milliseconds: five minutes. */
const BEFORE_THE_END = 5 * 60_000;

/**
 * Returns a provider that gives the same credentials to all callers. It requests them only once, even if many callers
 * need them at the same time. It requests new ones before they expire, or after a failure.
 */
export function sharedCredentials(
  issue: () => Promise<IssuedCredentials>,
  now: () => number,
): () => Promise<IssuedCredentials> {
  let current: IssuedCredentials | undefined;
  let pending: Promise<IssuedCredentials> | undefined;
  return () => {
    if (current !== undefined && current.expiration.getTime() - now() >= BEFORE_THE_END)
      return Promise.resolve(current);
    pending ??= issue()
      .then((issued) => {
        current = issued;
        return issued;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };
}
