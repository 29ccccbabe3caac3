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
 * Limits the bytes of a subscription's payload after decompression. CloudWatch Logs sends far less: a batch has at most
 * 1 MB compressed.
 */
export const LARGEST_PAYLOAD = 64 * 1024 * 1024;

/** The smallest output buffer, in bytes. */
const SMALLEST_CHUNK = 16 * 1024;
/** The most output bytes for one compressed byte of Deflate. Source: zlib.net, "zlib Technical Details". */
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
 * Returns how many bytes to allocate. The end of gzip data states the original length (RFC 1952, ISIZE). One byte more
 * shows the end. So no pieces need to be joined, which costs half as much as the decompression. If the stated length is
 * wrong, the output comes in pieces.
 */
function roomFor(deflated: Buffer): number {
  const stated = deflated.length < 4 ? 0 : deflated.readUInt32LE(deflated.length - 4);
  const most = Math.min(LARGEST_PAYLOAD, deflated.length * MOST_PER_BYTE);
  return Math.max(SMALLEST_CHUNK, Math.min(stated, most) + 1);
}

const CHUNK = 256 * 1024;

export interface ReadBytes {
  readonly bytes: Buffer;
  /** The bytes that were read from disk so far, before decompression. */
  readonly read: number;
  /** The path of the file within an archive to which the bytes belong. Absent or empty outside of archives. */
  readonly entry?: string;
  /** Why the rest of this file in an archive cannot be read. Absent if it can. */
  readonly flaw?: PackedDataError | UnreadableFileError | undefined;
}

/**
 * Yields a file's bytes in pieces. Packed files are unpacked, and UTF-16 becomes UTF-8. Both are recognized by their
 * first bytes. The files of an archive follow one after another.
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

/** Returns the size of a regular file in bytes. Undefined for anything else, such as a pipe. */
function lengthOf(file: string): number | undefined {
  if (file === STANDARD_INPUT) return undefined;
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}

/**
 * Yields raw bytes unpacked, and as UTF-8 if they are UTF-16. The source is closed in any case.
 * @param length the number of raw bytes, if known.
 * @throws PackedDataError if the compressed data is cut or damaged, after everything that could be decompressed.
 * @throws the errors of the source.
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

/** Returns whether the file is Parquet, which is read from its end. Only a regular file can be. */
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
 * Yields the bytes of a file. A piece is valid only until the next one is requested, because all have the same buffer.
 * New buffers cost more than reading. `gunzip` makes copies.
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
