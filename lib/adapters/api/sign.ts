import { createHash, createHmac } from 'node:crypto';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { SignatureV4 } from '@smithy/signature-v4';

/** SHA-256 as the signer wants it. */
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

/** API Gateway's host names tell the Region; behind a domain of one's own `AWS_REGION` does. */
function regionOf(host: string): string {
  return /\.execute-api\.([^.]+)\./.exec(host)?.[1] ?? process.env.AWS_REGION ?? 'us-east-1';
}

/** A client keeps its credentials until they expire: another one would assume its role again for every request. */
const clients = new Map<string, CloudTrailClient>();

function clientOf(region: string): CloudTrailClient {
  const client = clients.get(region) ?? new CloudTrailClient({ region });
  clients.set(region, client);
  return client;
}

/**
 * The headers of a GET request signed with SigV4 for API Gateway, by the standard credentials of the machine.
 * @throws the SDK's CredentialsProviderError where there are none.
 */
export async function signedHeaders(url: URL): Promise<Record<string, string>> {
  const region = regionOf(url.hostname);
  const { credentials } = clientOf(region).config; // the standard chain, by a client that is here anyway
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  const query = Object.fromEntries(url.searchParams);
  const { headers } = await signer.sign({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query,
    headers: { host: url.host },
  });
  return headers;
}
