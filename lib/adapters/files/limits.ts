import { isUtf8 } from 'node:buffer';

/** Longest line or element that is read as a whole. An audit entry in CloudWatch Logs has at most 1 MB. */
export const LONGEST_VALUE = 8 * 1024 * 1024;

const SAMPLE_BYTES = 2_048;

/** Returns the start of a rejected piece, long enough for a sample. */
export function sampleOfBytes(bytes: Buffer): string {
  const head = bytes.subarray(0, SAMPLE_BYTES);
  return head.toString(isUtf8(bytes.subarray(0, SAMPLE_BYTES - 4)) ? 'utf8' : 'latin1');
}
