import { basename } from 'node:path';
import { checkDigests, type DigestReport, type ReadDigest, type Verify } from '../../cloudtrail/digest-check.ts';
import { parseDigestFile } from '../../cloudtrail/digest-file.ts';
import { parseJson } from '../../json.ts';
import { digestOfAll } from '../digest.ts';
import { readBytes } from '../files/inflate.ts';
import { PackedDataError } from '../files/inflater.ts';
import { findFiles } from '../files/paths.ts';
import { UnreadableFileError } from '../files/unreadable-file.ts';

/** Matches the names of digest files and of their folder in CloudTrail. */
const DIGEST_FILE = /(?:^|[\\/])CloudTrail-Digest[\\/]|_CloudTrail-Digest_/;
const LOG_FILE = /_CloudTrail_/;
/** The largest digest file, in bytes after decompression. A digest file lists the log files of an hour. */
const LARGEST_DIGEST = 64 * 1024 * 1024;

/**
 * Verifies the digest files among the paths, against each other and against the log files among the paths. Files are
 * compared by name only, because they may have been copied anywhere. Undefined if there is no digest file.
 */
export async function verifyDigestFiles(paths: readonly string[], verify: Verify): Promise<DigestReport | undefined> {
  const logs = new Map<string, string[]>();
  const files: string[] = [];
  for await (const { file } of findFiles(paths)) {
    const name = basename(file);
    if (DIGEST_FILE.test(file)) files.push(file);
    else if (LOG_FILE.test(name)) logs.set(name, [...(logs.get(name) ?? []), file]);
  }
  if (files.length === 0) return undefined;
  const read: ReadDigest[] = [];
  const unreadable: string[] = [];
  for (const file of files) {
    const digest = await readDigest(file);
    if (digest === undefined) unreadable.push(file);
    else read.push(digest);
  }
  return { digests: read.length, unreadable, logs: await checkLogs(read, logs), ...checkDigests(read, verify) };
}

async function readDigest(file: string): Promise<ReadDigest | undefined> {
  const content = await contentOf(file, LARGEST_DIGEST);
  if (content === undefined || content.bytes > LARGEST_DIGEST) return undefined;
  const parsed = parseJson(Buffer.concat(content.pieces).toString('utf8'));
  const digest = parsed.ok ? parseDigestFile(parsed.value) : undefined;
  return digest && { file, hash: content.sha256, digest };
}

async function checkLogs(
  read: readonly ReadDigest[],
  logs: ReadonlyMap<string, readonly string[]>,
): Promise<DigestReport['logs']> {
  const named = new Map(read.flatMap(({ digest }) => digest.logFiles.map((log) => [basename(log.object), log.hash])));
  const changed: string[] = [];
  let [intact, missing] = [0, 0];
  for (const [name, hash] of named) {
    const files = logs.get(name) ?? [];
    if (files.length === 0) missing += 1;
    for (const file of files) {
      if ((await contentOf(file))?.sha256 === hash) intact += 1;
      else changed.push(file);
    }
  }
  const unnamed = [...logs].flatMap(([name, files]) => (named.has(name) ? [] : files)).length;
  return { intact, changed, missing, unnamed };
}

/**
 * Returns the digest of the file's decompressed content. Also returns its pieces if they have at most `most` bytes.
 * Undefined if the file cannot be read.
 */
async function contentOf(file: string, most = 0) {
  const pieces: Buffer[] = [];
  try {
    return { ...(await digestOfAll(piecesOf(file, most, pieces))), pieces };
  } catch (error) {
    if (error instanceof PackedDataError || error instanceof UnreadableFileError) return undefined;
    throw error;
  }
}

/** Yields the pieces of the file, and adds them to `kept` while there is room. */
async function* piecesOf(file: string, most: number, kept: Buffer[]): AsyncGenerator<Uint8Array> {
  let room = most;
  for await (const { bytes } of readBytes(file)) {
    if (bytes.length <= room) kept.push(Buffer.from(bytes));
    room -= bytes.length;
    yield bytes;
  }
}
