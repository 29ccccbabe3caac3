import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { RejectReason } from '../../envelopes/reject.ts';
import type { InflatedPayload } from '../../envelopes/unwrap.ts';
import { isParquet } from '../parquet/parquet-error.ts';
import { PackedDataError } from './inflater.ts';
import { type FoundFile, failureOf, STANDARD_INPUT } from './paths.ts';
import { unpacked } from './unpack.ts';
import { UnreadableFileError } from './unreadable-file.ts';

/**
 * The maximum number of bytes that a subscription payload may have after decompression. CloudWatch Logs sends far less: a batch has at
 * most 1 MB compressed.
 */
export const LARGEST_PAYLOAD = 64 * 1024 * 1024;

/** Smallest output buffer, in bytes. */
const SMALLEST_CHUNK = 16 * 1024;
/** The maximum number of output bytes for one compressed byte of Deflate. Source: zlib.net, "zlib Technical Details". */
const MOST_PER_BYTE = 1_032;

/** Decodes `awslogs.data`: base64, then gzip. */
export function inflatePayload(data: string): InflatedPayload | { readonly ok: false; readonly reason: RejectReason } {
  try {
    const deflated = Buffer.from(data, 'base64');
    const inflated = gunzipSync(deflated, { maxOutputLength: LARGEST_PAYLOAD, chunkSize: roomFor(deflated) });
    return { ok: true, text: inflated.toString('utf8'), bytes: inflated };
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return { ok: false, reason: tooLarge ? 'inflates-too-far' : 'awslogs-data-unreadable' };
  }
}

/**
 * Returns how much room to allocate. The end of gzip data states the original length (RFC 1952, ISIZE). Allocating that
 * much, and one byte to see the end, saves joining pieces, which costs half as much as decompression. If the stated
 * length is wrong, the output arrives in pieces.
 */
function roomFor(deflated: Buffer): number {
  const stated = deflated.length < 4 ? 0 : deflated.readUInt32LE(deflated.length - 4);
  const most = Math.min(LARGEST_PAYLOAD, deflated.length * MOST_PER_BYTE);
  return Math.max(SMALLEST_CHUNK, Math.min(stated, most) + 1);
}

const CHUNK = 256 * 1024;

export interface ReadBytes {
  readonly bytes: Buffer;
  /** Bytes read from disk so far, before decompression. */
  readonly read: number;
  /** Path of the file within an archive that the bytes belong to; absent or `''` outside of archives. */
  readonly entry?: string;
  /** The reason why the rest of this file in an archive cannot be read. */
  readonly flaw?: PackedDataError | UnreadableFileError | undefined;
}

/**
 * Yields a file's bytes in pieces, unpacked (by their first bytes), and as UTF-8 if they are UTF-16. The files of an archive come one
 * after the other.
 * @throws PackedDataError if the compressed data is cut or damaged, after everything that could be decompressed.
 * @throws UnreadableFileError if the system cannot read the file.
 */
export async function* readBytes(file: string): AsyncGenerator<ReadBytes> {
  const source: AsyncIterator<Buffer> =
    file === STANDARD_INPUT ? process.stdin[Symbol.asyncIterator]() : fileBytes(file);
  try {
    yield* decodedBytes(source, lengthOf(file));
  } catch (error) {
    const isOfSystem = error instanceof Error && 'code' in error && !isReported(error);
    throw isOfSystem ? new UnreadableFileError(failureOf(error), { cause: error }) : error;
  }
}

function isReported(error: Error): boolean {
  return error instanceof PackedDataError || error instanceof UnreadableFileError;
}

/** Returns the size of a regular file; undefined for anything else, such as a pipe. */
function lengthOf(file: string): number | undefined {
  if (file === STANDARD_INPUT) return undefined;
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}

/**
 * Yields raw bytes unpacked, and as UTF-8 if they are UTF-16. The source is closed in any case.
 * @param length of the raw bytes, if known.
 * @throws PackedDataError if the compressed data is cut or damaged, after everything that could be decompressed.
 * @throws what the source throws.
 */
export async function* decodedBytes(source: AsyncIterator<Buffer>, length?: number): AsyncGenerator<ReadBytes> {
  const progress = { read: 0 };
  const raw = counted(source, progress);
  try {
    for await (const piece of unpacked(raw, { length })) yield { ...piece, read: progress.read };
  } finally {
    await source.return?.(undefined);
  }
}

/** Returns whether the file is Parquet, whose end is read first. Only a regular file can be. */
export function isParquetFile({ file, bytes }: FoundFile): boolean {
  if (bytes === undefined) return false;
  const head = Buffer.alloc(4);
  try {
    const handle = openSync(file, 'r');
    try {
      return readSync(handle, head) === head.length && isParquet(head);
    } finally {
      closeSync(handle);
    }
  } catch {
    return false; // Reading the file later reports the same error.
  }
}

/**
 * Yields the file's bytes. Each piece is valid only until the next one is requested, because one buffer serves them
 * all: new buffers cost more than reading. `gunzip` makes copies.
 */
async function* fileBytes(file: string): AsyncGenerator<Buffer> {
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let read = readSync(handle, buffer); read > 0; read = readSync(handle, buffer)) yield buffer.subarray(0, read);
  } finally {
    closeSync(handle);
  }
}

async function* counted(source: AsyncIterator<Buffer>, progress: { read: number }): AsyncGenerator<Buffer> {
  for (let next = await source.next(); !next.done; next = await source.next()) {
    progress.read += next.value.length;
    yield next.value;
  }
}
