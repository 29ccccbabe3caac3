import type { CountedGroup } from '../../envelopes/counted-group.ts';
import type { ReadProgress, RecordSink } from '../../ports/input.ts';
import { AwsError } from '../aws/aws-error.ts';
import { decodedBytes } from '../files/inflate.ts';
import { readInput } from '../files/read-input.ts';
import { UnreadableFileError } from '../files/unreadable-file.ts';
import { isParquet } from '../parquet/parquet-error.ts';
import { accessTo, type RandomAccess } from '../parquet/random-access.ts';
import type { ListedObject, S3Object } from './listing.ts';
import { prefetch } from './listing.ts';
import { s3Path } from './s3-address.ts';
import type { S3Connection } from './s3-client.ts';
import { objectFault } from './s3-client.ts';

/**
 * The number of objects that are fetched before their turn. Each takes its size in memory. The files of a trail are
 * small.
 */
const FETCHED_AHEAD = 16;
const LARGEST_AHEAD = 1024 * 1024;

/** An object that was fetched before its turn, or one that is read when its turn comes. */
type FetchedObject = ListedObject & { readonly whole?: WholeObject };

export interface ObjectsRead {
  readonly connection: S3Connection;
  readonly counted: readonly CountedGroup[];
  /** Reports the progress, and lets the writer keep up, as in `RecordSource.read`. The total is not known. */
  pause(progress: ReadProgress): Promise<void> | undefined;
}

/**
 * Reads objects one after another, as files are read. It fetches the next ones at the same time. Errors of one object
 * are set aside under its name, and the others are still read.
 * @throws AwsError if S3 cannot be reached at all.
 */
export async function readObjects(
  objects: AsyncIterable<ListedObject>,
  bucket: string,
  sink: RecordSink,
  { connection, counted, pause }: ObjectsRead,
): Promise<void> {
  let before = 0;
  const fetched = prefetch(objects, FETCHED_AHEAD, (listed) => fetch(connection, listed));
  for await (const one of fetched) {
    if ('failure' in one) {
      const file = s3Path({ bucket, prefix: one.prefix });
      sink.reject({ file, place: 'listing', reason: 'unlisted-prefix', sample: one.failure });
      continue;
    }
    const file = s3Path({ bucket: one.bucket, prefix: one.key });
    const read = before;
    await readObject(connection, { ...one, file, counted }, sink, (bytes) => pause({ file, read: read + bytes }));
    before += one.size;
  }
}

async function fetch(connection: S3Connection, listed: ListedObject): Promise<FetchedObject> {
  if ('failure' in listed || listed.size > LARGEST_AHEAD) return listed;
  return { ...listed, whole: await wholeObject(connection, listed) };
}

interface ObjectRead extends S3Object {
  readonly whole?: WholeObject;
  readonly file: string;
  readonly counted: readonly CountedGroup[];
}

async function readObject(
  connection: S3Connection,
  object: ObjectRead,
  sink: RecordSink,
  pause: (read: number) => Promise<void> | undefined,
): Promise<void> {
  const { whole, file, counted } = object;
  try {
    if (whole?.flaw !== undefined && isParquet(whole.bytes)) throw whole.flaw;
    if (whole !== undefined && isParquet(whole.bytes))
      return await (await parquet()).readParquet({ file, access: accessTo(whole.bytes) }, sink, pause);
    const chunks = whole === undefined ? objectBytes(connection, object) : fetchedBytes(whole);
    const first = await chunks.next();
    if (!first.done && isParquet(first.value)) {
      await chunks.return(undefined);
      return await (await parquet()).readParquet({ file, access: objectAccess(connection, object) }, sink, pause);
    }
    await readInput({ file, counted, bytes: decodedBytes(chain(first, chunks)) }, sink, pause);
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    sink.reject({ file, place: 'object', reason: error.reason, sample: error.message });
  }
}

/** Loads the Parquet reader. It is large, and few inputs need it. */
const parquet = () => import('../files/read-parquet.ts');

async function* fetchedBytes({ bytes, flaw }: WholeObject): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
  if (flaw !== undefined) throw flaw;
}

async function* chain(first: IteratorResult<Buffer>, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** Limits how often a body that ends too early is resumed without any progress. */
const MOST_CUTS = 3;

interface Body {
  readonly chunks: AsyncIterable<Buffer>;
  /** The length in bytes, as S3 states it. */
  readonly length: number;
  readonly etag: string | undefined;
}

/**
 * Yields the bytes of an object as they arrive. If the connection is lost, it requests the rest of the same version.
 * @throws UnreadableFileError with the reason, after all bytes that arrived.
 * @throws AwsError if S3 cannot be reached at all.
 */
async function* objectBytes(connection: S3Connection, object: S3Object): AsyncGenerator<Buffer> {
  let [at, cuts] = [0, 0];
  let body: Body | undefined = await bodyOf(connection, object, {});
  const { length, etag } = body;
  for (;;) {
    for await (const chunk of untilLost(body)) {
      at += chunk.length;
      cuts = 0;
      yield chunk;
    }
    if (at >= length) return;
    cuts += 1;
    if (cuts > MOST_CUTS) throw cutObject(at, length);
    body = await restOf(connection, object, { from: at, etag });
  }
}

/**
 * Requests the rest of an object. Undefined if S3 does not answer this request. It answered the one before, so the
 * caller tries again, as after a lost connection.
 */
async function restOf(connection: S3Connection, object: S3Object, range: ByteRange): Promise<Body | undefined> {
  try {
    return await bodyOf(connection, object, range);
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'unreachable') return undefined;
    throw error;
  }
}

/**
 * Yields the bytes of a body until it ends, or its connection is lost. A lost connection is no error here, because the
 * length shows it.
 */
async function* untilLost(body: Body | undefined): AsyncGenerator<Buffer> {
  try {
    yield* body?.chunks ?? [];
  } catch (error) {
    if (!isOfConnection(error)) throw error;
  }
}

/** Returns whether the operating system or the SDK reports an interrupted body. Any other error is a bug. */
function isOfConnection(error: unknown): boolean {
  return error instanceof Error && ('code' in error || /^(?:TimeoutError|AbortError)$/.test(error.name));
}

function cutObject(at: number, length: number): UnreadableFileError {
  return new UnreadableFileError(`The object ends after ${at} of its ${length} bytes.`, { reason: 'cut-file' });
}

interface ByteRange {
  readonly from?: number;
  readonly to?: number;
  /** The ETag, which limits the request to this version of the object. */
  readonly etag?: string | undefined;
}

async function bodyOf(connection: S3Connection, object: S3Object, { from, to, etag }: ByteRange): Promise<Body> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const command = new GetObjectCommand({
    Bucket: object.bucket,
    Key: object.key,
    ...(from !== undefined && { Range: `bytes=${from}-${to === undefined ? '' : to - 1}` }),
    ...(etag !== undefined && { IfMatch: etag }),
    ...connection.payer,
  });
  try {
    const { Body: chunks, ContentLength: length = 0, ETag } = await connection.client.send(command);
    return { chunks: (chunks ?? []) as AsyncIterable<Buffer>, length, etag: ETag };
  } catch (error) {
    throw objectFault(error, connection.profile);
  }
}

/** A small object, as far as it arrived. */
interface WholeObject {
  readonly bytes: Buffer;
  /** Why the rest did not arrive. Undefined if everything did. */
  readonly flaw: UnreadableFileError | undefined;
}

/**
 * Reads a small object.
 * @throws AwsError if S3 cannot be reached at all.
 */
async function wholeObject(connection: S3Connection, object: S3Object): Promise<WholeObject> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of objectBytes(connection, object)) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { bytes: Buffer.concat(chunks), flaw: error };
  }
  return { bytes: Buffer.concat(chunks), flaw: undefined };
}

/** Returns access to parts of an object, by range requests for one version. */
function objectAccess(connection: S3Connection, object: S3Object): RandomAccess {
  return {
    length: object.size,
    read: (start, end) => (start < end ? partOf(connection, object, { start, end }) : Promise.resolve(Buffer.alloc(0))),
  };
}

async function partOf(
  connection: S3Connection,
  object: S3Object,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let [at, cuts] = [start, 0];
  while (at < end) {
    const body = await bodyOf(connection, object, { from: at, to: end, etag: object.etag });
    const before = at;
    for await (const chunk of untilLost(body)) {
      chunks.push(Buffer.from(chunk));
      at += chunk.length;
    }
    cuts = at > before ? 0 : cuts + 1;
    if (cuts > MOST_CUTS) throw cutObject(at, end);
  }
  return Buffer.concat(chunks);
}
