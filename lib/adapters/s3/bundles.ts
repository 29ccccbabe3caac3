import type { CountedGroup } from '../../envelopes/counted-group.ts';
import type { RecordSource } from '../../ports/input.ts';
import { sha256 } from '../digest.ts';
import { type ListedObject, listObjects, type S3Object } from './listing.ts';
import { readObjects } from './objects.ts';
import type { S3Reading } from './path-source.ts';
import { type S3Address, s3Path } from './s3-address.ts';
import { connectToS3, type S3Connection } from './s3-client.ts';

/** The objects of one folder that are loaded together and share one bookmark. */
export interface ObjectBundle {
  /** What identifies the bundle: the folder, and the objects with their versions. */
  readonly identity: string;
  /** The size in bytes. */
  readonly bytes: number;
  readonly source: RecordSource;
}

/**
 * Limits the objects of one bundle. With a bookmark for each object of a trail, writing bookmarks would take longer
 * than loading.
 */
const MOST_IN_BUNDLE = 1_000;

/**
 * Yields the objects below an address, folder by folder. Also yields the prefixes that could not be listed.
 * @throws AwsError if S3 cannot be reached at all.
 */
export async function* objectBundles(
  address: S3Address,
  counted: readonly CountedGroup[],
  { access, wanted }: S3Reading,
): AsyncGenerator<ObjectBundle | { readonly file: string; readonly failure: string }> {
  const connection = await connectToS3(access);
  let bundle: S3Object[] = [];
  for await (const listed of listObjects(connection, address, wanted)) {
    if ('failure' in listed) {
      yield { file: s3Path({ bucket: address.bucket, prefix: listed.prefix }), failure: listed.failure };
      continue;
    }
    const [first] = bundle;
    if (first !== undefined && (bundle.length >= MOST_IN_BUNDLE || folderOf(first) !== folderOf(listed))) {
      yield bundleOf(connection, bundle, counted);
      bundle = [];
    }
    bundle.push(listed);
  }
  if (bundle.length > 0) yield bundleOf(connection, bundle, counted);
}

function folderOf({ key }: S3Object): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

function bundleOf(
  connection: S3Connection,
  objects: readonly S3Object[],
  counted: readonly CountedGroup[],
): ObjectBundle {
  const [{ bucket, key } = { bucket: '', key: '' }] = objects;
  const versions = sha256(JSON.stringify(objects.map((object) => [object.key, object.etag, object.size])));
  return {
    identity: `${s3Path({ bucket, prefix: key })} ${objects.length} ${versions}`,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    source: {
      read: (sink, pause) => readObjects(each(objects), bucket, sink, { connection, counted, pause }),
    },
  };
}

async function* each(objects: readonly S3Object[]): AsyncGenerator<ListedObject> {
  yield* objects;
}
