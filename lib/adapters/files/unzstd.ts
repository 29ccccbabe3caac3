import { pipeline, Readable } from 'node:stream';
import zlib from 'node:zlib';
import { PackedDataError } from './inflater.ts';

/**
 * Decompresses Zstandard, frame by frame, with Node.js's own decoder (22.15 and later). A frame's window is at most 128 MiB, and no more is
 * decompressed than is read.
 * @throws PackedDataError if the data is cut or damaged.
 */
export async function* unzstd(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = zlib.createZstdDecompress();
  pipeline(Readable.from(copied(compressed)), decoder, () => undefined); // The decoder reports the error to its reader.
  try {
    yield* decoder as AsyncIterable<Buffer>;
  } catch (error) {
    if (!(error instanceof Error) || error instanceof PackedDataError || !isOfDecoder(error)) throw error;
    throw new PackedDataError(`The zstd data is damaged or cut off: ${error.message}.`, { cause: error });
  } finally {
    decoder.destroy();
  }
}

/** The source reuses its buffer, and the stream reads ahead. */
async function* copied(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}

function isOfDecoder(error: Error): boolean {
  return 'code' in error && /^(?:ZSTD_|Z_|ERR_ZLIB)/.test(String(error.code));
}
