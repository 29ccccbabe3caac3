import { isUtf8 } from 'node:buffer';

/** Longest line or element that is read as a whole. An audit entry in CloudWatch Logs has at most 1 MB. */
export const LONGEST_VALUE = 8 * 1024 * 1024;

/**
 * Longest JSON document that is read as a whole because its events are not elements of a list at its top: Elasticsearch's hits, answers of
 * Loki, Datadog, Athena and CloudTrail Lake. Reading one of this length takes some 400 MB of memory.
 */
export const LONGEST_DOCUMENT = 64 * 1024 * 1024;

/** The maximum number of values of such a document. Each takes memory, however short it is: 21 million empty objects would take over 2 GB. */
export const MOST_VALUES = LONGEST_DOCUMENT / 8;

const SAMPLE_BYTES = 2_048;

/** Returns the start of a rejected piece, long enough for a sample. */
export function sampleOfBytes(bytes: Buffer): string {
  const head = bytes.subarray(0, SAMPLE_BYTES);
  return head.toString(isUtf8(bytes.subarray(0, SAMPLE_BYTES - 4)) ? 'utf8' : 'latin1');
}
