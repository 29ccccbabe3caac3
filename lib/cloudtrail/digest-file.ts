import { isJsonObject, type JsonObject, listAt, textAt } from '../json.ts';

/**
 * One of CloudTrail's digest files. It names the log files that were delivered within an hour, with their SHA-256, and
 * the previous digest file. Hashes are those of the uncompressed contents, in hexadecimal digits. Source: CloudTrail
 * User Guide, "CloudTrail digest file structure".
 */
export interface DigestFile {
  readonly endTime: string;
  readonly bucket: string;
  /** The S3 key under which it was delivered. */
  readonly object: string;
  readonly fingerprint?: string | undefined;
  /** The digest file before it. Absent in the first one of a trail. */
  readonly previous?: PreviousDigest | undefined;
  readonly logFiles: readonly LoggedFile[];
}

export interface PreviousDigest {
  readonly bucket: string;
  readonly object: string;
  readonly hash: string;
  /** The signature of the previous digest file, in hexadecimal digits. */
  readonly signature?: string | undefined;
}

export interface LoggedFile {
  readonly object: string;
  readonly hash: string;
}

/** Returns whether a JSON value is a digest file, complete or not. Digest files have no records. */
export function looksLikeDigestFile(value: JsonObject): boolean {
  return typeof value.digestS3Object === 'string' && Array.isArray(value.logFiles);
}

/** Parses a digest file. Undefined if the value is none, or if a required part is missing or has another algorithm. */
export function parseDigestFile(value: unknown): DigestFile | undefined {
  if (!isJsonObject(value) || !looksLikeDigestFile(value)) return undefined;
  const [endTime, bucket, object] = ['digestEndTime', 'digestS3Bucket', 'digestS3Object'].map((at) =>
    textAt(value, at),
  );
  if (endTime === undefined || bucket === undefined || object === undefined) return undefined;
  const listed = listAt(value, 'logFiles') ?? [];
  const logFiles = listed.flatMap(loggedFile);
  const previous = previousOf(value);
  if (logFiles.length < listed.length || previous === 'unreadable') return undefined;
  return { endTime, bucket, object, fingerprint: textAt(value, 'digestPublicKeyFingerprint'), previous, logFiles };
}

function loggedFile(value: unknown): readonly LoggedFile[] {
  if (!isJsonObject(value) || textAt(value, 'hashAlgorithm') !== 'SHA-256') return [];
  const [object, hash] = [textAt(value, 's3Object'), textAt(value, 'hashValue')];
  return object === undefined || hash === undefined ? [] : [{ object, hash: hash.toLowerCase() }];
}

function previousOf(value: JsonObject): PreviousDigest | undefined | 'unreadable' {
  const at = (field: string) => textAt(value, `previousDigest${field}`);
  const [bucket, object, hash] = [at('S3Bucket'), at('S3Object'), at('HashValue')];
  if (object === undefined) return undefined;
  if (bucket === undefined || hash === undefined || at('HashAlgorithm') !== 'SHA-256') return 'unreadable';
  return { bucket, object, hash: hash.toLowerCase(), signature: at('Signature') };
}

/**
 * Returns the text that AWS signed for a digest file whose content has this hash. The signature is SHA256withRSA
 * (RSASSA-PKCS1-v1_5). Source: CloudTrail User Guide, "Custom implementations of CloudTrail log file integrity
 * validation".
 */
export function signedText({ endTime, bucket, object, previous }: DigestFile, hash: string): string {
  return [endTime, `${bucket}/${object}`, hash, previous?.signature ?? 'null'].join('\n');
}
