import type { SignIn } from './sign-in.ts';
import { signerOf } from './signer.ts';

/** API Gateway's host names tell the Region; behind a domain of one's own the settings do. */
function regionOf(host: string, { region }: SignIn): string {
  return /\.execute-api\.([^.]+)\./.exec(host)?.[1] ?? region ?? 'us-east-1';
}

/**
 * The headers of a request signed with SigV4 for API Gateway, by the profile, else the standard credentials of the machine: a GET,
 * or with a body a POST of that JSON.
 * @throws the SDK's CredentialsProviderError where there are none.
 */
export async function signedHeaders(url: URL, as: SignIn = {}, body?: string): Promise<Record<string, string>> {
  const region = regionOf(url.hostname, as);
  const query = Object.fromEntries(url.searchParams);
  const { headers } = await signerOf('execute-api', region, as).sign({
    method: body === undefined ? 'GET' : 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query,
    headers: { host: url.host, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body }),
  });
  return headers;
}
