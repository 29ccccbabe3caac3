/** The objects of a bucket whose keys begin with a prefix. */
export interface S3Address {
  readonly bucket: string;
  /** The prefix. Empty for the whole bucket. */
  readonly prefix: string;
}

const SCHEME = 's3://';

/** Returns whether a PATH is meant for S3, even if it is not valid. */
export function isS3Path(path: string): boolean {
  return /^s3:\/\//i.test(path);
}

/**
 * Matches a bucket's name, or an access point's alias or ARN (S3 User Guide, "Bucket naming rules", "Using access
 * points").
 */
const BUCKET =
  /^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]|arn:[a-z0-9-]+:s3:[a-z0-9-]*:\d{12}:accesspoint[/:][a-z0-9-]{3,50})$/;

/** Parses `s3://bucket/prefix`. Undefined if it names no bucket. */
export function parseS3Path(path: string): S3Address | undefined {
  if (!isS3Path(path)) return undefined;
  const rest = path.slice(SCHEME.length);
  const point = /^arn:[^/]*:accesspoint\/[^/]+/.exec(rest)?.[0];
  const end = point?.length ?? (rest.includes('/') ? rest.indexOf('/') : rest.length);
  const bucket = rest.slice(0, end);
  return BUCKET.test(bucket) ? { bucket, prefix: rest.slice(end + 1) } : undefined;
}

/** Returns the address as text for a person. */
export function s3Path({ bucket, prefix }: S3Address): string {
  return `${SCHEME}${bucket}/${prefix}`;
}
