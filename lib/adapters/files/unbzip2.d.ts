/** The parts of unbzip2-stream 1.4.3 that are used. It has no types of its own. */
declare module 'unbzip2-stream/lib/bit_iterator.js' {
  /** A reader of bits, whose state is opaque. */
  export interface BitReader {
    (bits: number | null): number | undefined;
    readonly bytesRead: number;
  }
  /** @param next returns the next bytes, which are not empty. */
  export default function createBitReader(next: () => Uint8Array): BitReader;
}

declare module 'unbzip2-stream/lib/bzip2.js' {
  import type { BitReader } from 'unbzip2-stream/lib/bit_iterator.js';

  const bzip2: {
    /** Reads a stream's header. Returns its block size, from 1 to 9. */
    header(bits: BitReader): number;
    /** Decompresses a block. Returns the stream's checksum with it; null at the end of the stream. */
    decompress(
      bits: BitReader,
      add: (byte: number) => void,
      room: Int32Array,
      size: number,
      checksum: number,
    ): number | null;
  };
  export default bzip2;
}
