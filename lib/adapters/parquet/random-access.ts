import { open } from 'node:fs/promises';

/** Bytes of known length that can be read at any position. Parquet needs this, because its directory is at the end. */
export interface RandomAccess {
  readonly length: number;
  /**
   * Returns the bytes from `start` up to `end`.
   * @throws the errors of the source. If the source is shorter, it throws or returns fewer bytes.
   */
  read(start: number, end: number): Promise<Buffer>;
}

/** Returns access to bytes in memory. */
export function accessTo(bytes: Buffer): RandomAccess {
  return { length: bytes.length, read: async (start, end) => bytes.subarray(start, end) };
}

/**
 * Opens a file for the work, and closes it afterwards. Returns the result of the work.
 * @throws the system's error.
 */
export async function withFileAccess<T>(path: string, work: (access: RandomAccess) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    return await work({
      length: size,
      async read(start, end) {
        const buffer = Buffer.alloc(Math.max(0, end - start));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
        return buffer.subarray(0, bytesRead);
      },
    });
  } finally {
    await handle.close();
  }
}
