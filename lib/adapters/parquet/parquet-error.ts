import type { ErrorCode } from '../../error-code.ts';

/** A Parquet file, or a part of it, that cannot be read; the message says what is wrong with it. */
export class ParquetError extends Error {
  readonly code = 'parquet' satisfies ErrorCode;
}

/**
 * Returns what the decoder makes of bytes in memory: it reads nothing else, so whatever it throws is a flaw of the file.
 * @throws ParquetError with that.
 */
export function decoding<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ParquetError) throw error;
    throw new ParquetError(`The Parquet is damaged: ${reasonOf(error)}. Fetch the file again.`, { cause: error });
  }
}

/** What the decoder expected to be there is its own affair. */
function reasonOf(error: unknown): string {
  return error instanceof Error && !(error instanceof TypeError) ? error.message : 'a part of it is missing';
}

const MAGIC = Buffer.from('PAR1');

/** Told by its first four bytes (Apache Parquet, "File Format"). */
export function isParquet(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}
