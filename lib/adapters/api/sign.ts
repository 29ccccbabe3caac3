import { signerOf } from '../signer.ts';

/** API Gateway's host names tell the Region; behind a domain of one's own `AWS_REGION` does. */
function regionOf(host: string): string {
  return /\.execute-api\.([^.]+)\./.exec(host)?.[1] ?? process.env.AWS_REGION ?? 'us-east-1';
}

/**
 * The headers of a GET request signed with SigV4 for API Gateway, by the standard credentials of the machine.
 * @throws the SDK's CredentialsProviderError where there are none.
 */
export async function signedHeaders(url: URL): Promise<Record<string, string>> {
  const region = regionOf(url.hostname);
  const query = Object.fromEntries(url.searchParams);
  const { headers } = await signerOf('execute-api', region).sign({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query,
    headers: { host: url.host },
  });
  return headers;
}
