import { type AccessKeyId, accessKeyId } from '../../lib/identity/access-key.ts';

/** Returns an access key ID from a valid text. */
export function keyId(text: string): AccessKeyId {
  const key = accessKeyId(text);
  if (key === undefined) throw new Error(`no access key id: ${text}`);
  return key;
}
