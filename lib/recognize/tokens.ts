import { accessKeyId } from '../identity/access-key.ts';
import { filledTextAt, isJsonObject, parseJson } from '../json.ts';
import { subjectOfKey } from './callers.ts';
import { type Form, form } from './form-collector.ts';

/** The maximum number of characters of a text in which a token is searched. */
const LONGEST = 16_384;
const JWT = /(?<![\w.-])eyJ[\w-]{8,}\.([\w-]{8,})\.[\w-]{8,}/;
const OF_AWS = /(?<![\w.-])k8s-aws-v1\.([\w-]{40,})/;

/**
 * Returns the subject for a token in a text, for example in a kubeconfig or an ExecCredential. A JWT gives its ID
 * (`jti`), a token of `aws eks get-token` the access key that signed its URL. Sources: RFC 7519;
 * kubernetes-sigs/aws-iam-authenticator, pkg/token/token.go.
 * Trust: none. The signature is not verified. Nothing else of the token is kept.
 */
export function tokenForm(text: string): Form | undefined {
  if (text.length > LONGEST) return undefined;
  const url = decode(OF_AWS.exec(text)?.[1]);
  const key = accessKeyId(/[?&]X-Amz-Credential=([A-Z0-9]{16,128})(?:%2F|\/)/i.exec(url ?? '')?.[1]);
  if (key !== undefined) return form('aws-token', [subjectOfKey(key, {})], [SECRET]);
  const parsed = parseJson(decode(JWT.exec(text)?.[1]) ?? '');
  const id = parsed.ok && isJsonObject(parsed.value) ? filledTextAt(parsed.value, 'jti') : undefined;
  if (id === undefined || !/^[\w-]{1,256}$/.test(id)) return undefined;
  return form('token', [{ by: 'request', circumstances: { credentialId: `JTI=${id}` } }], [SECRET]);
}

const SECRET =
  'The text has a token. Whoever has the text can use it until it expires. It was not verified, and only its ID was read.';

/** Decodes base64url. Undefined for any other text. */
function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return undefined;
  }
}
