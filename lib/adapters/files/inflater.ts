import { createInflateRaw, type InflateRaw } from 'node:zlib';
import type { ErrorCode } from '../../error-code.ts';

/** Says that packed data ends too early, is damaged, or has other data after it. */
export class PackedDataError extends Error {
  readonly code = 'packed-data' satisfies ErrorCode;
}

/**
 * Options by which the stream can hold the whole output of one piece. The output is at most a thousand times as long.
 */
const INFLATING = { chunkSize: 256 * 1024, readableHighWaterMark: 2 ** 30 };

/** Decompresses piece by piece. A damaged piece has no output, but all pieces before it do. */
export class Inflater {
  readonly #stream: InflateRaw = createInflateRaw(INFLATING);
  #inflated: Buffer[] = [];
  #given = 0;
  ended = false;

  constructor() {
    this.#stream.on('error', () => undefined); // `#write` reports it.
    this.#stream.on('data', (bytes: Buffer) => this.#inflated.push(bytes)); // `read` would join them in one buffer.
  }

  /** Decompresses the next piece. Bytes after the end of the member are put back. */
  async inflate(input: CompressedBytes): Promise<readonly Buffer[]> {
    const piece = await input.next();
    if (piece === undefined) throw cut(input.format);
    await this.#write(piece, input.format);
    this.#given += piece.length;
    const left = this.#given - this.#stream.bytesWritten;
    input.putBack(left);
    this.ended = left > 0;
    const inflated = this.#inflated;
    this.#inflated = [];
    return inflated;
  }

  close(): void {
    this.#stream.destroy();
  }

  #write(piece: Buffer, format: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) =>
        reject(new PackedDataError(`The ${format} data is damaged: ${error.message}.`, { cause: error }));
      this.#stream.once('error', fail);
      this.#stream.write(piece, (error) => {
        this.#stream.off('error', fail);
        if (error) fail(error);
        else resolve();
      });
    });
  }
}

/** Returns the error for a file that ends within packed data. */
export function cut(format: string): PackedDataError {
  return new PackedDataError(`The ${format} data is cut off: the file ends within it.`);
}

const NOTHING = Buffer.alloc(0);

/** The size of a compressed piece in bytes. Damage costs one piece, and smaller pieces are slower. */
const PIECE = 16 * 1024;

/** Reads compressed bytes as needed. The end of the last piece can be put back. */
export class CompressedBytes {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = NOTHING;
  #at = 0;

  /** The name of the format, for messages. */
  readonly format: string;

  constructor(source: AsyncIterable<Buffer>, format: string) {
    this.format = format;
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Returns a piece that is not empty. Undefined at the end. */
  async next(most = PIECE): Promise<Buffer | undefined> {
    while (this.#at === this.#held.length) {
      const read = await this.#source.next();
      if (read.done) return undefined;
      this.#held = Buffer.from(read.value); // The source reuses its buffer.
      this.#at = 0;
    }
    const piece = this.#held.subarray(this.#at, this.#at + most);
    this.#at += piece.length;
    return piece;
  }

  /** Puts back the last `length` bytes of the last piece. */
  putBack(length: number): void {
    this.#at -= length;
  }

  /** Returns the next bytes without taking them. At the end, they can be fewer. */
  async peek(length: number): Promise<Buffer> {
    while (this.#held.length - this.#at < length) {
      const read = await this.#source.next();
      if (read.done) break;
      this.#held = Buffer.concat([this.#held.subarray(this.#at), read.value]);
      this.#at = 0;
    }
    return this.#held.subarray(this.#at, this.#at + length);
  }

  /**
   * Returns exactly `length` bytes.
   * @throws PackedDataError if there are fewer.
   */
  async take(length: number): Promise<Buffer> {
    const taken = await this.upTo(length);
    if (taken.length < length) throw cut(this.format);
    return taken;
  }

  /** Returns `length` bytes. At the end, they can be fewer. */
  async upTo(length: number): Promise<Buffer> {
    let taken = NOTHING;
    while (taken.length < length) {
      const piece = await this.next(length - taken.length);
      if (piece === undefined) break;
      taken = Buffer.concat([taken, piece]);
    }
    return taken;
  }

  /**
   * Yields exactly `length` bytes in pieces.
   * @throws PackedDataError if there are fewer.
   */
  async *pieces(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      const piece = await this.next(Math.min(left, PIECE));
      if (piece === undefined) throw cut(this.format);
      left -= piece.length;
      yield piece;
    }
  }

  /** Skips bytes. Returns how many. */
  async skipWhile(isSkipped: (byte: number) => boolean): Promise<number> {
    for (let skipped = 0; ; ) {
      const piece = await this.next();
      if (piece === undefined) return skipped;
      const kept = piece.findIndex((byte) => !isSkipped(byte));
      skipped += kept < 0 ? piece.length : kept;
      if (kept < 0) continue;
      this.putBack(piece.length - kept);
      return skipped;
    }
  }
}
