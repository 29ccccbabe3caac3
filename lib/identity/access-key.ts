/** Wide enough for anonymised ids, narrow enough to leave out `AAAAAAAA` and `REDACTED` (CONTRACT, rule 2). */
const ACCESS_KEY_ID = /^(?:AKIA|ASIA)[A-Z0-9]{12,124}$/;

/** An access key id of AWS, long-term or temporary. No secret, and not proof by itself: keys recur (FACTS). */
export type AccessKeyId = string & { readonly brand: 'access-key-id' };

/** Whether the text can be an access key id: anything else joins nothing. */
export function isAccessKeyId(text: string): text is AccessKeyId {
  return ACCESS_KEY_ID.test(text);
}

/** The text if it can be an access key id, else undefined. */
export function accessKeyId(text: string | undefined): AccessKeyId | undefined {
  return text !== undefined && isAccessKeyId(text) ? text : undefined;
}

/** Whether the key is a temporary one, of STS: those alone belong to a session. */
export function isTemporaryKey(key: AccessKeyId): boolean {
  return key.startsWith('ASIA');
}
