import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { RejectReason } from '../../envelopes/reject.ts';
import type { InflatedPayload } from '../../envelopes/unwrap.ts';
import type { ErrorCode } from '../../error-code.ts';
import { isParquet } from '../parquet/parquet-error.ts';
import { GzipError, gunzip, isGzip } from './gunzip.ts';
import { type FoundFile, failureOf, STANDARD_INPUT } from './paths.ts';

/** What a subscription payload may inflate to. CloudWatch Logs sends far less: a batch is at most 1 MB compressed. */
export const LARGEST_PAYLOAD = 64 * 1024 * 1024;

/** In bytes. */
const SMALLEST_CHUNK = 16 * 1024;
/** Deflate makes no more of a byte. Source: zlib.net, "zlib Technical Details". */
const MOST_PER_BYTE = 1_032;

/** Undoes base64 and gzip of `awslogs.data`. */
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
 * Where a gzip file ends stands how long it was (RFC 1952, ISIZE): so much room at once, and a byte that says that nothing is left, spares putting
 * pieces together, which costs half of what inflating does. What stands there need not be true: it then comes in pieces.
 */
function roomFor(deflated: Buffer): number {
  const said = deflated.length < 4 ? 0 : deflated.readUInt32LE(deflated.length - 4);
  const most = Math.min(LARGEST_PAYLOAD, deflated.length * MOST_PER_BYTE);
  return Math.max(SMALLEST_CHUNK, Math.min(said, most) + 1);
}

/** What the system, or the place that a file lies in, says against reading it, in words. */
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
  /** Bytes read from disk so far, compressed where the file is. */
  readonly read: number;
}

/**
 * A file's bytes in pieces, decompressed where they are gzip (told by their first two bytes), as UTF-8 where they are
 * UTF-16.
 * @throws GzipError where the compressed data is cut or damaged, behind all that could be inflated.
 * @throws UnreadableFileError where the system can't read the file.
 */
export async function* readBytes(file: string): AsyncGenerator<ReadBytes> {
  const source: AsyncIterator<Buffer> =
    file === STANDARD_INPUT ? process.stdin[Symbol.asyncIterator]() : fileBytes(file);
  try {
    yield* decodedBytes(source, lengthOf(file));
  } catch (error) {
    const isOfSystem = error instanceof Error && 'code' in error && !isTold(error);
    throw isOfSystem ? new UnreadableFileError(failureOf(error), { cause: error }) : error;
  }
}

function isTold(error: Error): boolean {
  return error instanceof GzipError || error instanceof UnreadableFileError;
}

/** Undefined for what is no regular file: nobody knows how much comes out of a pipe. */
function lengthOf(file: string): number | undefined {
  if (file === STANDARD_INPUT) return undefined;
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}

/**
 * Raw bytes decompressed where they are gzip, as UTF-8 where they are UTF-16; the source is ended whatever happens.
 * @param length of the raw bytes, where it is known.
 * @throws GzipError where the compressed data is cut or damaged, behind all that could be inflated.
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

/** Whether the file is Parquet, of which the end is read first; what is no regular file cannot be. */
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
    return false; // the same failure is told when the file is read
  }
}

/**
 * The file's bytes, each piece valid only until the next one is asked for: one buffer serves them all, since new ones
 * cost more than reading does. `gunzip` makes copies.
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

/** Told by the two bytes of its byte order mark (Unicode Standard, 23.8), as Windows PowerShell's `>` writes them. */
function encodingOf(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined;
}

/** The bytes as UTF-8 where they are UTF-16 with a byte order mark, else as they are. What is no UTF-16 becomes U+FFFD. */
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
 * The first two bytes at least, unless there are fewer: a pipe may deliver them one by one. They are valid until the next
 * ones are asked for.
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
