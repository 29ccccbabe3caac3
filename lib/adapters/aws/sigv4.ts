import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** Whose keys sign, and for what; `at` is the time in milliseconds. */
export interface Signing {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
  readonly region: string;
  readonly service: string;
  readonly at: number;
}

/** A POST of this body to `/`. The names of the headers are in lower case, and their values have no two blanks in a row. */
export interface Unsigned {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The headers with those that sign them all (SigV4): what `SignatureV4` of the SDK does for such a request, which takes four
 * times as long. Source: IAM User Guide, "Create a signed AWS API request".
 */
export function signed({ headers, body }: Unsigned, signing: Signing): Record<string, string> {
  const { credentials, region, service, at } = signing;
  const date = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  const all: Record<string, string> = { ...headers, 'x-amz-date': date };
  if (credentials.sessionToken !== undefined) all['x-amz-security-token'] = credentials.sessionToken;
  const names = Object.keys(all).sort();
  const list = names.join(';');
  const canonical = `POST\n/\n\n${names.map((name) => `${name}:${all[name]}\n`).join('')}\n${list}\n${sha256(body)}`;
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const signature = createHmac('sha256', keyOf(scope, credentials.secretAccessKey))
    .update(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`)
    .digest('hex');
  const by = `Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${list}, Signature=${signature}`;
  return { ...all, authorization: `AWS4-HMAC-SHA256 ${by}` };
}

function sha256(text: string): string {
  return hash('sha256', text);
}

/** The last key that was derived: it holds for a day. An object of Node.js's own, which takes a sixth of the time of its bytes. */
let last: { readonly scope: string; readonly secret: string; readonly key: KeyObject } | undefined;

function keyOf(scope: string, secret: string): KeyObject {
  if (last?.scope === scope && last.secret === secret) return last.key;
  let bytes = Buffer.from(`AWS4${secret}`);
  for (const part of scope.split('/')) bytes = createHmac('sha256', bytes).update(part).digest();
  last = { scope, secret, key: createSecretKey(bytes) };
  return last.key;
}
