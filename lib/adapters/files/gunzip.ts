import { crc32, createInflateRaw, type Gunzip, gunzipSync, type InflateRaw } from 'node:zlib';
import type { ErrorCode } from '../../error-code.ts';

/** A file that ends within its gzip data, has damaged gzip data, or has other data after it. */
export class GzipError extends Error {
  readonly code = 'gzip' satisfies ErrorCode;
}

const MAGIC = Buffer.from([0x1f, 0x8b]);

/** Returns whether the bytes are gzip, by the first two (RFC 1952, 2.3.1). */
export function isGzip(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * Decompresses consecutive gzip members. Zeros after the data are padding and no error.
 * @param length of the compressed data, if known. Short data without errors is decompressed at once.
 * @throws GzipError after everything that could be decompressed.
 */
export async function* gunzip(compressed: AsyncIterable<Buffer>, length = Infinity): AsyncGenerator<Buffer> {
  if (length > SHORT) return yield* byPieces(compressed);
  const all = await allOf(compressed);
  const inflated = gunzipAtOnce(all);
  if (inflated === undefined) yield* byPieces(only(all));
  else if (inflated.length > 0) yield inflated;
}

/**
 * Decompresses piece by piece, the next piece while the last one is processed. Node.js's own `createGunzip` withholds
 * the last piece, and whole records with it, if it finds damage, a wrong checksum, or bytes after the data. So this
 * code checks headers, checksums and the bytes after them itself.
 */
async function* byPieces(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const members = readMembers(new CompressedBytes(compressed));
  let next = settled(members.next());
  try {
    for (;;) {
      const read = await next;
      if ('error' in read) throw read.error;
      if (read.done === true) return;
      next = settled(members.next());
      yield read.value;
    }
  } finally {
    await next;
    await members.return(undefined);
  }
}

async function allOf(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(Buffer.from(piece)); // The source reuses its buffer.
  return Buffer.concat(all);
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Keeps an error until the result is used. Without this, Node.js would report it as unhandled before. */
function settled(
  next: Promise<IteratorResult<Buffer>>,
): Promise<IteratorResult<Buffer> | { readonly error: unknown; readonly done: true }> {
  return next.catch((error: unknown) => ({ error, done: true }));
}

/** Decompresses the members. A wrong checksum of one does not hide the next; it is reported at the end. */
async function* readMembers(input: CompressedBytes): AsyncGenerator<Buffer> {
  let flaw: string | undefined;
  let others = 0;
  for (;;) {
    const head = await input.upTo(MAGIC.length);
    if (!head.equals(MAGIC)) {
      others = head.length;
      break;
    }
    await skipHeader(input);
    flaw = (yield* readMember(input)) ?? flaw;
    await input.skipWhile((byte) => byte === 0);
  }
  others += await input.skipWhile(() => true);
  if (flaw !== undefined) throw new GzipError(flaw);
  if (others > 0) throw new GzipError(`After the gzip data come ${others} other bytes; they were left out.`);
}

const DEFLATE = 8;
const FLAG = { headerChecksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

/** Skips the bytes between the first two and the compressed data. Source: RFC 1952, 2.3. */
async function skipHeader(input: CompressedBytes): Promise<void> {
  const [method, flags = 0] = await input.take(8);
  if (method !== DEFLATE || (flags & FLAG.reserved) !== 0)
    throw new GzipError('The gzip data is damaged: wrong header.');
  if (flags & FLAG.extra) await input.take((await input.take(2)).readUInt16LE());
  for (const text of [FLAG.name, FLAG.comment]) {
    if ((flags & text) === 0) continue;
    await input.skipWhile((byte) => byte !== 0);
    await input.take(1);
  }
  if (flags & FLAG.headerChecksum) await input.take(2);
}

/**
 * Decompresses a member. Returns what is wrong with it after it was decompressed to its end; undefined if nothing is.
 */
async function* readMember(input: CompressedBytes): AsyncGenerator<Buffer, string | undefined> {
  const inflater = new Inflater();
  let checksum = 0;
  let length = 0;
  try {
    while (!inflater.ended) {
      for (const bytes of await inflater.inflate(input)) {
        checksum = crc32(bytes, checksum);
        length += bytes.length;
        yield bytes;
      }
    }
  } finally {
    inflater.close();
  }
  const trailer = await input.take(8);
  const isWhole = trailer.readUInt32LE() === checksum && trailer.readUInt32LE(4) === length % 2 ** 32;
  return isWhole ? undefined : 'The checksum of the gzip data is wrong: the decompressed data may be damaged.';
}

/** Options that let the stream hold the whole output of one piece, which is at most a thousand times as long. */
const INFLATING = { chunkSize: 256 * 1024, readableHighWaterMark: 2 ** 30 };

/** Decompresses piece by piece. A damaged piece gives no output; all pieces before it do. */
class Inflater {
  readonly #stream: InflateRaw = createInflateRaw(INFLATING);
  #inflated: Buffer[] = [];
  #given = 0;
  ended = false;

  constructor() {
    this.#stream.on('error', () => undefined); // `#write` reports it.
    this.#stream.on('data', (bytes: Buffer) => this.#inflated.push(bytes)); // `read` would join them in one buffer.
  }

  /** Decompresses the next piece. Bytes after the member's end are put back. */
  async inflate(input: CompressedBytes): Promise<readonly Buffer[]> {
    const piece = await input.next();
    if (piece === undefined) throw cut();
    await this.#write(piece);
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

  #write(piece: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) =>
        reject(new GzipError(`The gzip data is damaged: ${error.message}.`, { cause: error }));
      this.#stream.once('error', fail);
      this.#stream.write(piece, (error) => {
        this.#stream.off('error', fail);
        if (error) fail(error);
        else resolve();
      });
    });
  }
}

function cut(): GzipError {
  return new GzipError('The gzip data is cut off: the file ends within it.');
}

const NOTHING = Buffer.alloc(0);

/** Size of a compressed piece. Damage costs one piece, and smaller pieces are slower. */
const PIECE = 16 * 1024;

/** Compressed bytes, read as needed. The end of the last piece can be put back. */
class CompressedBytes {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = NOTHING;
  #at = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Returns a piece that is not empty; undefined at the end. */
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

  /**
   * Returns exactly `length` bytes.
   * @throws GzipError if there are fewer.
   */
  async take(length: number): Promise<Buffer> {
    const taken = await this.upTo(length);
    if (taken.length < length) throw cut();
    return taken;
  }

  /** Returns `length` bytes, or fewer at the end. */
  async upTo(length: number): Promise<Buffer> {
    let taken = NOTHING;
    while (taken.length < length) {
      const piece = await this.next(length - taken.length);
      if (piece === undefined) break;
      taken = Buffer.concat([taken, piece]);
    }
    return taken;
  }

  /** Skips bytes and returns how many. */
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

/** Length up to which data is decompressed at once, in compressed bytes. Most CloudTrail files are shorter. */
const SHORT = 1024 * 1024;
/** Most output to decompress at once, in bytes. */
const LONGEST = 16 * 1024 * 1024;
/** Smallest output buffer to request from zlib, in bytes. */
const SMALLEST_CHUNK = 16 * 1024;

/**
 * Decompresses consecutive gzip members at once. Returns undefined if other data or padding follows, or if they are
 * cut, damaged or too long. Then piece-by-piece decompression has to find out how far they are readable.
 */
export function gunzipAtOnce(compressed: Buffer): Buffer | undefined {
  const chunkSize = Math.max(SMALLEST_CHUNK, Math.min(LONGEST, lastLength(compressed)) + 1);
  try {
    const inflated: unknown = gunzipSync(compressed, { chunkSize, maxOutputLength: LONGEST, info: true });
    const { buffer, engine } = inflated as { readonly buffer: Buffer; readonly engine: Gunzip }; // `info: true` returns both.
    return engine.bytesWritten === compressed.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the length that the last member states for its output. Mostly it is the only member. Source: RFC 1952, 2.3.1,
 * ISIZE.
 */
function lastLength(compressed: Buffer): number {
  return compressed.length < 4 ? 0 : compressed.readUInt32LE(compressed.length - 4);
}
