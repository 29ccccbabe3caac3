import { ascii, hasAt, isDigit } from './json-bytes.ts';

const TEMPORARY = ascii('ASIA');
const LONG_TERM = ascii('AKIA');
/** As `accessKeyId` has them. */
const SHORTEST_KEY = 16;
const LONGEST_KEY = 128;

/** As `isAccessKeyId`. */
export function isAccessKeyAt(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < SHORTEST_KEY || to - from > LONGEST_KEY) return false;
  return (hasAt(bytes, from, TEMPORARY) || hasAt(bytes, from, LONG_TERM)) && isIdAt(bytes, from, to);
}

/** Capital letters and digits. */
export function isIdAt(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (!isDigit(byte) && !(byte >= 0x41 && byte <= 0x5a)) return false;
  }
  return true;
}
