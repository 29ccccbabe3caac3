/**
 * Matches an access key ID. It also matches anonymized IDs, but not `AAAAAAAA` or `REDACTED` (CONTRACT, rule 2).
 */
const ACCESS_KEY_ID = /^(?:AKIA|ASIA)[A-Z0-9]{12,124}$/;

/**
 * An access key ID of AWS, long-term or temporary. It is not a secret. It proves nothing by itself, because AWS can
 * issue a key ID again (FACTS).
 */
export type AccessKeyId = string & { readonly brand: 'access-key-id' };

/** Returns whether the text can be an access key ID. Any other text matches no grant. */
export function isAccessKeyId(text: string): text is AccessKeyId {
  return ACCESS_KEY_ID.test(text);
}

/** Returns the text if it can be an access key ID, else undefined. */
export function accessKeyId(text: string | undefined): AccessKeyId | undefined {
  return text !== undefined && isAccessKeyId(text) ? text : undefined;
}

/** Returns whether the key is a temporary one of STS. Only these belong to a session. */
export function isTemporaryKey(key: AccessKeyId): boolean {
  return key.startsWith('ASIA');
}
