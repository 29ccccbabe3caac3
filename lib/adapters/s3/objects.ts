import type { CountedGroup } from '../../envelopes/counted-group.ts';
import type { ReadProgress, RecordSink } from '../../ports/input.ts';
import { decodedBytes, UnreadableFileError } from '../files/inflate.ts';
import { readInput } from '../files/read-input.ts';
import { isParquet } from '../parquet/magic.ts';
import { accessTo } from '../parquet/random-access.ts';
import { ahead } from './ahead.ts';
import type { Listed, S3Object } from './listing.ts';
import { objectAccess, objectBytes, type WholeObject, wholeObject } from './object-bytes.ts';
import { s3Path } from './s3-address.ts';
import type { S3Connection } from './s3-client.ts';

/** Objects that are fetched before their turn; each takes its size of memory. A trail's files are far smaller. */
const FETCHED_AHEAD = 16;
const LARGEST_AHEAD = 1024 * 1024;

/** An object that is there already, or one that is read when its turn comes. */
type Fetched = Listed & { readonly whole?: WholeObject };

export interface ObjectsRead {
  readonly connection: S3Connection;
  readonly counted: readonly CountedGroup[];
  /** As `RecordSource.read` is told, without a total. */
  pause(progress: ReadProgress): Promise<void> | undefined;
}

/**
 * Reads objects one after the other as files are read, the next ones being fetched meanwhile. What is wrong with one is
 * set aside under its name, and keeps nothing from the others.
 * @throws AwsError where S3 cannot be asked at all.
 */
export async function readObjects(
  objects: AsyncIterable<Listed>,
  bucket: string,
  sink: RecordSink,
  { connection, counted, pause }: ObjectsRead,
): Promise<void> {
  let before = 0;
  const fetched = ahead(objects, FETCHED_AHEAD, (listed) => fetch(connection, listed));
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

async function fetch(connection: S3Connection, listed: Listed): Promise<Fetched> {
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

/** Few have any, and it is large. */
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
