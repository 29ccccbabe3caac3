/** Wide enough for anonymised ids, narrow enough to leave out `AAAAAAAA` and `REDACTED` (CONTRACT, rule 2). */
const ACCESS_KEY_ID = /^(?:AKIA|ASIA)[A-Z0-9]{12,124}$/;

/** Whether the text can be an access key id: anything else joins nothing. */
export function isAccessKeyId(text: string): boolean {
  return ACCESS_KEY_ID.test(text);
}

/** The text if it can be an access key id, else undefined. */
export function accessKeyId(text: string | undefined): string | undefined {
  return text !== undefined && isAccessKeyId(text) ? text : undefined;
}

/** Whether the key is a temporary one, of STS: those alone belong to a session. */
export function isTemporaryKey(key: string): boolean {
  return key.startsWith('ASIA');
}
