import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from 'vitest';
import { signed } from '../../lib/adapters/aws/sigv4.ts';

/** As the SDK's signer wants it. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

const AT = Date.UTC(2026, 2, 10, 23, 59, 59, 999);
const ONE = { accessKeyId: 'AKIAONE', secretAccessKey: 'secret/one' };
const OTHER = { accessKeyId: 'ASIAOTHER', secretAccessKey: 'secret+other', sessionToken: 'token//==' };

describe('a signed request', () => {
  it.each([
    ['by a long-term key', ONE, AT, 'eu-west-1'],
    ['by another key, with a session', OTHER, AT, 'eu-west-1'],
    ['a day later', OTHER, AT + 1, 'eu-west-1'],
    ['in another Region', OTHER, AT + 1, 'us-gov-west-1'],
    ['by the first key again', ONE, AT, 'eu-west-1'],
  ])('has the signature that the SDK makes: %s', async (_, credentials, at, region) => {
    const headers = { host: 'dynamodb.test:80', 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'A.B' };
    const body = '{"Key":{"partition":{"S":"josé ✓"}}}';
    const signer = new SignatureV4({ service: 'dynamodb', region, credentials, sha256: Sha256, applyChecksum: false });
    const request = { method: 'POST', protocol: 'http:', hostname: 'dynamodb.test', path: '/', headers, body };
    const theirs = await signer.sign(request, { signingDate: new Date(at) });
    const ours = signed({ headers, body }, { credentials, region, service: 'dynamodb', at });
    expect(ours).toEqual(theirs.headers);
  });
});
