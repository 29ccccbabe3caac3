import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { RejectReason } from '../../envelopes/reject.ts';
import type { InflatedPayload } from '../../envelopes/unwrap.ts';
import type { ErrorCode } from '../../error-code.ts';
import { isParquet } from '../parquet/parquet-error.ts';
import { GzipError, gunzip, isGzip } from './gunzip.ts';
import { type FoundFile, failureOf, STANDARD_INPUT } from './paths.ts';

/**
 * Most bytes that a subscription payload may have after decompression. CloudWatch Logs sends far less: a batch has at
 * most 1 MB compressed.
 */
export const LARGEST_PAYLOAD = 64 * 1024 * 1024;

/** Smallest output buffer, in bytes. */
const SMALLEST_CHUNK = 16 * 1024;
/** Most output bytes for one compressed byte of Deflate. Source: zlib.net, "zlib Technical Details". */
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
  const said = deflated.length < 4 ? 0 : deflated.readUInt32LE(deflated.length - 4);
  const most = Math.min(LARGEST_PAYLOAD, deflated.length * MOST_PER_BYTE);
  return Math.max(SMALLEST_CHUNK, Math.min(said, most) + 1);
}

/**
 * A file that cannot be read. The message gives the reason of the operating system, or of the service that stores it.
 */
export class UnreadableFileError extends Error {
  readonly code = 'unreadable-file' satisfies ErrorCode;
  readonly reason: RejectReason;

  constructor(message: string, options: ErrorOptions & { readonly reason?: RejectReason } = {}) {
    super(message, options);
    this.reason = options.reason ?? 'unreadable-file';
  }
}

const CHUNK = 256 * 1024;

export interface ReadBytes {
  readonly bytes: Buffer;
  /** Bytes read from disk so far, before decompression. */
  readonly read: number;
}

/**
 * Yields a file's bytes in pieces, decompressed if they are gzip (by their first two bytes), and as UTF-8 if they are
 * UTF-16.
 * @throws GzipError if the compressed data is cut or damaged, after everything that could be decompressed.
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
  return error instanceof GzipError || error instanceof UnreadableFileError;
}

/** Returns the size of a regular file; undefined for anything else, such as a pipe. */
function lengthOf(file: string): number | undefined {
  if (file === STANDARD_INPUT) return undefined;
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}

/**
 * Yields raw bytes decompressed if they are gzip, and as UTF-8 if they are UTF-16. The source is closed in any case.
 * @param length of the raw bytes, if known.
 * @throws GzipError if the compressed data is cut or damaged, after everything that could be decompressed.
 * @throws what the source throws.
 */
export async function* decodedBytes(source: AsyncIterator<Buffer>, length?: number): AsyncGenerator<ReadBytes> {
  const progress = { read: 0 };
  const raw = counted(source, progress);
  try {
    const head = await firstBytes(raw);
    const all = chain(head, raw);
    for await (const bytes of asUtf8(isGzip(head) ? gunzip(all, length) : all)) yield { bytes, read: progress.read };
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

async function* chain(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}

/**
 * Returns the encoding by a byte order mark of two bytes (Unicode Standard, 23.8), as `>` in Windows PowerShell writes
 * it.
 */
function encodingOf(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined;
}

/** Yields UTF-16 with a byte order mark as UTF-8, and other bytes unchanged. Invalid UTF-16 becomes U+FFFD. */
async function* asUtf8(bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    const head = await firstBytes(bytes);
    const encoding = encodingOf(head);
    const decoder = encoding && new TextDecoder(encoding);
    if (head.length > 0) yield decoder === undefined ? head : decoded(decoder, head);
    for await (const chunk of bytes) yield decoder === undefined ? chunk : decoded(decoder, chunk);
    if (decoder !== undefined) yield Buffer.from(decoder.decode());
  } finally {
    await bytes.return(undefined);
  }
}

function decoded(decoder: InstanceType<typeof TextDecoder>, chunk: Buffer): Buffer {
  return Buffer.from(decoder.decode(chunk, { stream: true }));
}

/**
 * Returns at least the first two bytes, unless there are fewer, since a pipe may deliver them one by one. They are
 * valid until the next bytes are requested.
 */
async function firstBytes(raw: AsyncIterator<Buffer>): Promise<Buffer> {
  const first = await raw.next();
  if (first.done) return Buffer.alloc(0);
  if (first.value.length >= 2) return first.value;
  let head = Buffer.from(first.value);
  while (head.length < 2) {
    const next = await raw.next();
    if (next.done) return head;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}
