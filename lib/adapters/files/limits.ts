import { isUtf8 } from 'node:buffer';

/**
 * The longest line or element that is read as a whole, in bytes. An audit entry in CloudWatch Logs has at most 1 MB.
 */
export const LONGEST_VALUE = 8 * 1024 * 1024;

/**
 * The longest JSON document that is read as a whole, in bytes. This is done if its events are not in a list at its
 * top. Such documents are Elasticsearch's hits, and responses of Loki, Datadog, Athena and CloudTrail Lake. A document
 * of this length takes
 * some 400 MB of memory.
 */
export const LONGEST_DOCUMENT = 64 * 1024 * 1024;

/**
 * Limits the values of such a document. Each takes memory, however short it is. Without the limit, 21 million empty
 * objects would take over 2 GB.
 */
export const MOST_VALUES = LONGEST_DOCUMENT / 8;

const SAMPLE_BYTES = 2_048;

/** Returns the beginning of a rejected piece, as a sample. */
export function sampleOfBytes(bytes: Buffer): string {
  const head = bytes.subarray(0, SAMPLE_BYTES);
  return head.toString(isUtf8(bytes.subarray(0, SAMPLE_BYTES - 4)) ? 'utf8' : 'latin1');
}
