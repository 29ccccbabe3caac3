import type { ErrorCode } from '../../error-code.ts';

/** Says that a Parquet file, or a part of it, cannot be read. The message says what is wrong. */
export class ParquetError extends Error {
  readonly code = 'parquet' satisfies ErrorCode;
}

/**
 * Returns the decoder's result. The decoder reads only bytes in memory, so every error is a flaw of the file.
 * @throws ParquetError with the reason.
 */
export function decoding<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ParquetError) throw error;
    throw new ParquetError(`The Parquet is damaged: ${reasonOf(error)}. Fetch the file again.`, { cause: error });
  }
}

/** Returns the reason in words. The message of a TypeError only shows internals of the decoder. */
function reasonOf(error: unknown): string {
  return error instanceof Error && !(error instanceof TypeError) ? error.message : 'a part of it is missing';
}

const MAGIC = Buffer.from('PAR1');

/** Returns whether the bytes are Parquet, by the first four (Apache Parquet, "File Format"). */
export function isParquet(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}
