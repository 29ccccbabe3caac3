import { open } from 'node:fs/promises';

/** Bytes of a known length that are read from anywhere, as a Parquet file has to be: its directory stands at its end. */
export interface RandomAccess {
  readonly length: number;
  /** The bytes from `start` up to `end`. @throws what the place they lie in throws, or where there are fewer. */
  read(start: number, end: number): Promise<Buffer>;
}

/** Bytes that are in memory. */
export function accessTo(bytes: Buffer): RandomAccess {
  return { length: bytes.length, read: async (start, end) => bytes.subarray(start, end) };
}

/** Hands an open file to the work, and closes it. @throws the system's error. */
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
