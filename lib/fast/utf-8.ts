/** A mark at the beginning is a part of the text, as in a key. */
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text that the bytes are in UTF-8. */
export function decoded(bytes: Uint8Array, from: number, to: number): string {
  return DECODER.decode(bytes.subarray(from, to));
}
