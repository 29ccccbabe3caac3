import { isUtf8 } from 'node:buffer';

/** The longest line or element that is read as a whole; an audit entry in CloudWatch Logs has at most 1 MB. */
export const LONGEST_VALUE = 8 * 1024 * 1024;

const SAMPLE_BYTES = 2_048;

/** The beginning of what is set aside, as far as a sample can need it. */
export function sampleOfBytes(bytes: Buffer): string {
  const head = bytes.subarray(0, SAMPLE_BYTES);
  return head.toString(isUtf8(bytes.subarray(0, SAMPLE_BYTES - 4)) ? 'utf8' : 'latin1');
}
