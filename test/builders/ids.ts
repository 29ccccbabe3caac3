import { type AccessKeyId, accessKeyId } from '../../lib/identity/access-key.ts';

/** An access key id that a test knows to be one. */
export function keyId(text: string): AccessKeyId {
  const key = accessKeyId(text);
  if (key === undefined) throw new Error(`no access key id: ${text}`);
  return key;
}
