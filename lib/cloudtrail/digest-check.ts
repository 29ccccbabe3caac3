import { type DigestFile, type PreviousDigest, signedText } from './digest-file.ts';

/** A digest file that was read, with the hash of its uncompressed content. */
export interface ReadDigest {
  readonly file: string;
  readonly hash: string;
  readonly digest: DigestFile;
}

/**
 * The log files that digest files prove, and everything that could not be verified. Files are named by their local
 * paths.
 */
export interface DigestReport {
  readonly digests: number;
  /** Digest files that cannot be read, or are not digest files. */
  readonly unreadable: readonly string[];
  readonly logs: LogFilesCheck;
  readonly chain: ChainCheck;
  readonly signatures: SignaturesCheck;
}

export interface LogFilesCheck {
  /** The number of log files that match their digest. */
  readonly intact: number;
  readonly changed: readonly string[];
  /** The number of log files that a digest names, but that are not here. */
  readonly missing: number;
  /** The number of log files that are here, but that no digest names. */
  readonly unnamed: number;
}

export interface ChainCheck {
  /** The number of digest files whose exact hash the next digest file states. */
  readonly linked: number;
  /** The digest files for which the next digest file states another hash. */
  readonly broken: readonly string[];
  /** The number of digest files whose predecessor is not here. */
  readonly withoutPrevious: number;
}

export interface SignaturesCheck {
  readonly verified: number;
  readonly wrong: readonly string[];
  /**
   * The number of signatures that could not be verified. Their key was not given, or no later digest file has the
   * signature.
   */
  readonly unverified: number;
}

/**
 * Returns whether the signature (hexadecimal digits) of the text is valid for the key with that fingerprint. Undefined
 * if there is no such key.
 */
export type Verify = (text: string, signature: string, fingerprint: string | undefined) => boolean | undefined;

/**
 * Checks digest files against each other. Each has the hash and the signature of the one before. So all but the newest
 * can be verified by files alone.
 */
export function checkDigests(read: readonly ReadDigest[], verify: Verify): Pick<DigestReport, 'chain' | 'signatures'> {
  const followersOf = new Map<string, PreviousDigest[]>();
  const known = new Set(read.map(({ digest }) => placeOf(digest)));
  for (const { digest } of read) {
    const { previous } = digest;
    if (previous !== undefined)
      followersOf.set(placeOf(previous), [...(followersOf.get(placeOf(previous)) ?? []), previous]);
  }
  const links = read.map((each) => ({ ...each, followers: followersOf.get(placeOf(each.digest)) ?? [] }));
  const followed = links.filter(({ followers }) => followers.length > 0);
  const broken = followed.filter(({ followers, hash }) => followers.some((each) => each.hash !== hash));
  const signed = links.map((each) => ({ file: each.file, is: isSigned(each, each.followers, verify) }));
  return {
    chain: {
      linked: followed.length - broken.length,
      broken: broken.map(({ file }) => file),
      withoutPrevious: read.filter(({ digest: { previous } }) => previous && !known.has(placeOf(previous))).length,
    },
    signatures: {
      verified: signed.filter(({ is }) => is === true).length,
      wrong: signed.flatMap(({ file, is }) => (is === false ? file : [])),
      unverified: signed.filter(({ is }) => is === undefined).length,
    },
  };
}

function placeOf({ bucket, object }: Pick<PreviousDigest, 'bucket' | 'object'>): string {
  return `${bucket}/${object}`;
}

/** Returns whether the signature is valid. Undefined if it cannot be verified. */
function isSigned(
  { digest, hash }: ReadDigest,
  followers: readonly PreviousDigest[],
  verify: Verify,
): boolean | undefined {
  const signatures = followers.flatMap(({ signature }) => signature ?? []);
  const verdicts = signatures.map((each) => verify(signedText(digest, hash), each, digest.fingerprint));
  return verdicts.includes(false) ? false : verdicts.find((verdict) => verdict !== undefined);
}
