/** As the SDK has them. */
export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** The SDK asks for new credentials five minutes before the old ones end; in milliseconds. */
const BEFORE_THE_END = 5 * 60_000;

/** The same credentials for all who ask, asked for once however many ask at a time, and anew before they end or where that failed. */
export function sharedCredentials(
  issue: () => Promise<IssuedCredentials>,
  now: () => number,
): () => Promise<IssuedCredentials> {
  let current: IssuedCredentials | undefined;
  let asking: Promise<IssuedCredentials> | undefined;
  return () => {
    if (current !== undefined && current.expiration.getTime() - now() >= BEFORE_THE_END)
      return Promise.resolve(current);
    asking ??= issue()
      .then((issued) => {
        current = issued;
        return issued;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
}
