import type { CountedGroup } from '../../envelopes/counted-group.ts';
import type { ReadProgress, RecordSource } from '../../ports/input.ts';
import { fileSource } from '../files/file-source.ts';
import type { WantedFolders } from './layout.ts';
import { listObjects } from './listing.ts';
import { readObjects } from './objects.ts';
import { isS3Path, parseS3Path } from './s3-address.ts';
import { connectToS3, type S3Access, type S3Connection } from './s3-client.ts';

/** How to reach S3, and what to read from it. It can be passed to another thread. */
export interface S3Reading {
  readonly access: S3Access;
  readonly wanted: WantedFolders;
}

/**
 * Returns a source like `fileSource`, for paths that can also be in S3. It reports no total size, because that would
 * take another listing.
 * @throws AwsError if S3 cannot be reached at all.
 */
export function pathSource(
  paths: readonly string[],
  counted: readonly CountedGroup[],
  { access, wanted }: S3Reading,
): RecordSource {
  if (!paths.some(isS3Path)) return fileSource(paths, counted);
  return {
    async read(sink, pause) {
      const connection = sharedConnection(access);
      let before = 0;
      for (const path of paths) {
        let here = 0;
        const forward = ({ file, read }: ReadProgress) => {
          here = read;
          return pause({ file, read: before + read });
        };
        const address = parseS3Path(path);
        if (address === undefined) await fileSource([path], counted).read(sink, forward);
        else {
          const opened = await connection();
          const objects = listObjects(opened, address, wanted);
          await readObjects(objects, address.bucket, sink, { connection: opened, counted, pause: forward });
        }
        before += here;
      }
    },
  };
}

function sharedConnection(access: S3Access): () => Promise<S3Connection> {
  let connection: Promise<S3Connection> | undefined;
  return () => {
    connection ??= connectToS3(access);
    return connection;
  };
}
