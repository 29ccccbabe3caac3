import { createHash, createHmac } from 'node:crypto';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SignIn } from './sign-in.ts';

/** SHA-256 with the interface that the signer needs. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', keyOf(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function keyOf(secret: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof secret === 'string') return secret;
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
}

/**
 * The clients by profile and Region. A client keeps its credentials until they expire. Without this, each request would
 * assume the profile's role again.
 */
const clients = new Map<string, CloudTrailClient>();

function clientOf(region: string, as: SignIn): CloudTrailClient {
  const key = JSON.stringify([region, as.profile]);
  const client = clients.get(key) ?? new CloudTrailClient({ ...as, region });
  clients.set(key, client);
  return client;
}

/**
 * Returns a signer for SigV4, with the profile or else the machine's default credentials. It uses a client that is in
 * the bundle anyway. Without credentials, `sign` throws the SDK's CredentialsProviderError.
 */
export function signerOf(service: string, region: string, as: SignIn = {}): SignatureV4 {
  const { credentials } = clientOf(region, as).config;
  return new SignatureV4({ service, region, credentials, sha256: Sha256 });
}

/** Returns the Region in API Gateway's host name. For a custom domain, returns the one in the settings. */
function regionOf(host: string, { region }: SignIn): string {
  return /\.execute-api\.([^.]+)\./.exec(host)?.[1] ?? region ?? 'us-east-1';
}

/**
 * Returns the headers of a request to API Gateway, signed with SigV4. It signs with the profile, or else with the
 * machine's default credentials. With a body, the request is a POST of that JSON, otherwise a GET.
 * @throws the SDK's CredentialsProviderError if there are no credentials.
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
