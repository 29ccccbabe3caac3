import type { SignIn } from './sign-in.ts';
import { signerOf } from './signer.ts';

/** API Gateway's host names tell the Region; behind a domain of one's own the settings do. */
function regionOf(host: string, { region }: SignIn): string {
  return /\.execute-api\.([^.]+)\./.exec(host)?.[1] ?? region ?? 'us-east-1';
}

/**
 * The headers of a GET request signed with SigV4 for API Gateway, by the profile, else the standard credentials of the machine.
 * @throws the SDK's CredentialsProviderError where there are none.
 */
export async function signedHeaders(url: URL, as: SignIn = {}): Promise<Record<string, string>> {
  const region = regionOf(url.hostname, as);
  const query = Object.fromEntries(url.searchParams);
  const { headers } = await signerOf('execute-api', region, as).sign({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query,
    headers: { host: url.host },
  });
  return headers;
}
