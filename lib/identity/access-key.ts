/**
 * Matches an access key ID. IDs that were anonymized match too, but `AAAAAAAA` and `REDACTED` do not (CONTRACT, rule
 * 2).
 */
const ACCESS_KEY_ID = /^(?:AKIA|ASIA)[A-Z0-9]{12,124}$/;

/**
 * An access key ID of AWS, long-term or temporary. It is not a secret. It proves nothing by itself, because AWS can
 * issue a key ID again (FACTS).
 */
export type AccessKeyId = string & { readonly brand: 'access-key-id' };

/** Returns whether the text can be an access key ID. No grant matches any other text. */
export function isAccessKeyId(text: string): text is AccessKeyId {
  return ACCESS_KEY_ID.test(text);
}

/** Returns the text if it can be an access key ID, or else undefined. */
export function accessKeyId(text: string | undefined): AccessKeyId | undefined {
  return text !== undefined && isAccessKeyId(text) ? text : undefined;
}

/** Returns whether the key is a temporary one of STS. Only temporary keys belong to a session. */
export function isTemporaryKey(key: AccessKeyId): boolean {
  return key.startsWith('ASIA');
}
