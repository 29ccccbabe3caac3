import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Verify } from '../../cloudtrail/digest-check.ts';
import { isJsonObject, listAt, parseJson, textAt } from '../../json.ts';

interface DigestKey {
  /** The fingerprint of the key. A key that was given alone has none, and is tried for every signature. */
  readonly fingerprint?: string | undefined;
  readonly key: KeyObject;
}

/**
 * Parses the keys of a text. It can be a ListPublicKeys response, or one key as PEM or base64. A single key is in
 * PKCS#1, as in that response, or in SubjectPublicKeyInfo. Undefined for any other text.
 */
export function digestKeys(text: string): readonly DigestKey[] | undefined {
  const parsed = parseJson(text);
  const listed = parsed.ok && isJsonObject(parsed.value) ? listAt(parsed.value, 'PublicKeyList') : undefined;
  if (listed !== undefined) return keysOfAnswer(listed);
  const key = keyOf(text.trim());
  return key && [{ key }];
}

function keysOfAnswer(listed: readonly unknown[]): readonly DigestKey[] | undefined {
  const keys = listed.filter(isJsonObject).flatMap((each): DigestKey[] => {
    const key = keyOf(textAt(each, 'Value') ?? '');
    return key === undefined ? [] : [{ fingerprint: textAt(each, 'Fingerprint'), key }];
  });
  return keys.length === 0 ? undefined : keys;
}

function keyOf(text: string): KeyObject | undefined {
  const der = Buffer.from(text, 'base64');
  const ways = [
    () => createPublicKey(text),
    () => createPublicKey({ key: der, format: 'der', type: 'pkcs1' }),
    () => createPublicKey({ key: der, format: 'der', type: 'spki' }),
  ];
  for (const way of ways) {
    try {
      const key = way();
      if (key.asymmetricKeyType === 'rsa') return key;
    } catch {
      // The key has another form, which the next attempt may read. If none does, the caller reports it.
    }
  }
  return undefined;
}

/**
 * Returns a function that verifies a signature. It tries the keys that have the signature's fingerprint or no
 * fingerprint. Its result is undefined if there is no such key.
 */
export function createVerifier(keys: readonly DigestKey[]): Verify {
  return (text, signature, fingerprint) => {
    const own = keys.filter((each) => each.fingerprint === undefined || each.fingerprint === fingerprint);
    if (own.length === 0) return undefined;
    const bytes = Buffer.from(signature, 'hex');
    return own.some(({ key }) => verify('RSA-SHA256', Buffer.from(text), key, bytes));
  };
}
