import { AwsError } from '../aws/aws-error.ts';
import { UnreadableFileError } from '../files/inflate.ts';
import type { RandomAccess } from '../parquet/random-access.ts';
import type { S3Object } from './listing.ts';
import type { S3Connection } from './s3-client.ts';
import { objectFault } from './s3-fault.ts';

/** How often a body that ends too early is asked for again from there on, without anything more coming. */
const MOST_CUTS = 3;

interface Body {
  readonly chunks: AsyncIterable<Buffer>;
  /** In bytes, as S3 says. */
  readonly length: number;
  readonly etag: string | undefined;
}

/**
 * An object's bytes as they come. Where the connection is lost the rest is asked for, of the same version.
 * @throws UnreadableFileError with the reason, behind all that came. @throws AwsError where S3 cannot be asked at all.
 */
export async function* objectBytes(connection: S3Connection, object: S3Object): AsyncGenerator<Buffer> {
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

/** Undefined where no answer comes, of which there was one before: it counts as a body that ends at once. */
async function restOf(connection: S3Connection, object: S3Object, asked: Asked): Promise<Body | undefined> {
  try {
    return await bodyOf(connection, object, asked);
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'unreachable') return undefined;
    throw error;
  }
}

/** What comes of a body until its connection is lost, which is no error: the length tells. */
async function* untilLost(body: Body | undefined): AsyncGenerator<Buffer> {
  try {
    yield* body?.chunks ?? [];
  } catch (error) {
    if (!isOfConnection(error)) throw error;
  }
}

/** The system's or the SDK's word that a body ends; anything else is a fault of the code. */
function isOfConnection(error: unknown): boolean {
  return error instanceof Error && ('code' in error || /^(?:TimeoutError|AbortError)$/.test(error.name));
}

function cutObject(at: number, length: number): UnreadableFileError {
  return new UnreadableFileError(`The object ends after ${at} of its ${length} bytes.`, { reason: 'cut-file' });
}

interface Asked {
  readonly from?: number;
  readonly to?: number;
  /** Only of this version of the object. */
  readonly etag?: string | undefined;
}

async function bodyOf(connection: S3Connection, object: S3Object, { from, to, etag }: Asked): Promise<Body> {
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

/** An object that is small, as far as it comes. */
export interface WholeObject {
  readonly bytes: Buffer;
  /** Why there is no more of it. */
  readonly flaw: UnreadableFileError | undefined;
}

/** @throws AwsError where S3 cannot be asked at all. */
export async function wholeObject(connection: S3Connection, object: S3Object): Promise<WholeObject> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of objectBytes(connection, object)) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { bytes: Buffer.concat(chunks), flaw: error };
  }
  return { bytes: Buffer.concat(chunks), flaw: undefined };
}

/** Parts of an object by ranged requests, all of one version. */
export function objectAccess(connection: S3Connection, object: S3Object): RandomAccess {
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
