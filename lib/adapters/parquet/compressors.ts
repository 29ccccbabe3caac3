import zlib, { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Compressors } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Budget } from './budget.ts';

/** Node.js 20 has none: the package's own stands there. */
const zstdDecompressSync: typeof zlib.zstdDecompressSync | undefined = zlib.zstdDecompressSync;

type Decompress = (input: Uint8Array, length: number) => Uint8Array;

/** LZ4 makes no more of a byte, Snappy far less; the package sets aside what the header says before it looks. */
const MOST_PER_BYTE = 255;

/**
 * Returns Parquet's codecs for one row group, which throw RangeError where its pages come to more than the budget.
 */
export function boundedCompressors(budget: Budget): Compressors {
  const bounded =
    (decompress: Decompress): Decompress =>
    (input, length) => {
      budget.take(length);
      return decompress(input, length);
    };
  const plausible =
    (decompress: Decompress): Decompress =>
    (input, length) => {
      if (length > (input.length + 1) * MOST_PER_BYTE)
        throw new RangeError(`${input.length} bytes cannot inflate to ${length}`);
      return decompress(input, length);
    };
  const packaged = Object.entries(compressors).flatMap(([codec, decompress]) =>
    decompress === undefined ? [] : [[codec, bounded(codec === 'ZSTD' ? decompress : plausible(decompress))] as const],
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
