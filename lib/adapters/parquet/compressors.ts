import zlib, { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Compressors } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** Node.js 20 has none: the package's own stands there. */
const zstdDecompressSync: typeof zlib.zstdDecompressSync | undefined = zlib.zstdDecompressSync;

type Decompress = (input: Uint8Array, length: number) => Uint8Array;

/**
 * The codecs of Parquet, for one row group: what its pages come to in all has a bound, since their headers say what is
 * to be set aside for them, and files come from anybody.
 * @throws RangeError where it is more than `most` bytes.
 */
export function boundedCompressors(most: number): Compressors {
  let left = most;
  const bounded =
    (decompress: Decompress): Decompress =>
    (input, length) => {
      left -= length;
      if (!(length >= 0) || left < 0) throw new RangeError(`the pages hold more than ${most} bytes`);
      return decompress(input, length);
    };
  const packaged = Object.entries(compressors).flatMap(([codec, decompress]) =>
    decompress === undefined ? [] : [[codec, bounded(decompress)] as const],
  );
  const ofNode: Readonly<Record<string, Decompress>> = {
    GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
    BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
    ...(zstdDecompressSync !== undefined && {
      ZSTD: (input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
    }),
  };
  const own = Object.entries(ofNode).map(([codec, decompress]) => [codec, bounded(decompress)] as const);
  return Object.fromEntries([...packaged, ...own]);
}
