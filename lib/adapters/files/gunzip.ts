import { crc32, createInflateRaw, type Gunzip, gunzipSync, type InflateRaw } from 'node:zlib';
import type { ErrorCode } from '../../error-code.ts';

/** A file that ends within its gzip stream, holds damaged gzip data, or goes on behind it with something else. */
export class GzipError extends Error {
  readonly code = 'gzip' satisfies ErrorCode;
}

const MAGIC = Buffer.from([0x1f, 0x8b]);

/** Told by its first two bytes (RFC 1952, 2.3.1). */
export function isGzip(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * What gzip members, one behind the other, inflate to.
 * @param length of all of them, where it is known: what is short is inflated at once, where nothing is wrong with it.
 * @throws GzipError behind all that could be inflated. Zeros behind the data are padding, and no error.
 */
export async function* gunzip(compressed: AsyncIterable<Buffer>, length = Infinity): AsyncGenerator<Buffer> {
  if (length > SHORT) return yield* byPieces(compressed);
  const all = await allOf(compressed);
  const inflated = gunzipAtOnce(all);
  if (inflated === undefined) yield* byPieces(only(all));
  else if (inflated.length > 0) yield inflated;
}

/**
 * The same piece by piece; the next one is inflated while the last one is worked on. Node.js's own `createGunzip` withholds
 * the last piece where it finds damage, a wrong checksum, or bytes behind the data, and whole records with it: so headers,
 * checksums and what stands behind them are looked at here.
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
  for await (const piece of pieces) all.push(Buffer.from(piece)); // the source uses its buffer again
  return Buffer.concat(all);
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** An error is kept until it is looked at, which may be later than Node.js takes for never. */
function settled(
  next: Promise<IteratorResult<Buffer>>,
): Promise<IteratorResult<Buffer> | { readonly error: unknown; readonly done: true }> {
  return next.catch((error: unknown) => ({ error, done: true }));
}

/** A member with a wrong checksum does not hide the next; it is told at the end. */
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
  if (others > 0) throw new GzipError(`Behind the gzip data stand ${others} bytes that are none; they were left out.`);
}

const DEFLATE = 8;
const FLAG = { headerChecksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

/** Skips what stands between the first two bytes and the compressed data. Source: RFC 1952, 2.3. */
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

/** Returns what is wrong with a member that was inflated whole. */
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
  return isWhole ? undefined : 'The checksum of the gzip data is wrong: what it inflates to may be damaged.';
}

/** The stream holds whatever a piece inflates to, at most a thousand times as much. */
const INFLATING = { chunkSize: 256 * 1024, readableHighWaterMark: 2 ** 30 };

/** Inflates piece by piece: of a piece that is damaged nothing comes out, of those before it all. */
class Inflater {
  readonly #stream: InflateRaw = createInflateRaw(INFLATING);
  #inflated: Buffer[] = [];
  #given = 0;
  ended = false;

  constructor() {
    this.#stream.on('error', () => undefined); // `#write` tells it
    this.#stream.on('data', (bytes: Buffer) => this.#inflated.push(bytes)); // `read` would put them into one buffer
  }

  /** What the next piece inflates to; what stands behind the member's end is put back. */
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
  return new GzipError('The gzip data is cut: the file ends within it.');
}

const NOTHING = Buffer.alloc(0);

/** Of compressed bytes: so much is lost where they are damaged, and smaller pieces take longer. */
const PIECE = 16 * 1024;

/** Bytes that are taken as they are needed; the end of the last piece can be put back. */
class CompressedBytes {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = NOTHING;
  #at = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** A piece that is not empty; undefined where there is no more. */
  async next(most = PIECE): Promise<Buffer | undefined> {
    while (this.#at === this.#held.length) {
      const read = await this.#source.next();
      if (read.done) return undefined;
      this.#held = Buffer.from(read.value); // the source uses its buffer again
      this.#at = 0;
    }
    const piece = this.#held.subarray(this.#at, this.#at + most);
    this.#at += piece.length;
    return piece;
  }

  /** So many bytes of the last piece. */
  putBack(length: number): void {
    this.#at -= length;
  }

  /** @throws GzipError where there are fewer. */
  async take(length: number): Promise<Buffer> {
    const taken = await this.upTo(length);
    if (taken.length < length) throw cut();
    return taken;
  }

  /** Fewer where there are no more. */
  async upTo(length: number): Promise<Buffer> {
    let taken = NOTHING;
    while (taken.length < length) {
      const piece = await this.next(length - taken.length);
      if (piece === undefined) break;
      taken = Buffer.concat([taken, piece]);
    }
    return taken;
  }

  /** Returns how many were skipped. */
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

/** In bytes, compressed: files of CloudTrail are mostly shorter. */
const SHORT = 1024 * 1024;
/** In bytes, what is worked on at once. */
const LONGEST = 16 * 1024 * 1024;
/** As what is asked of zlib at once. */
const SMALLEST_CHUNK = 16 * 1024;

/**
 * What gzip members, one behind the other, inflate to; undefined where something else stands behind them, padding too, where they
 * are cut, damaged or inflate too far: then it is to be told how far they reach.
 */
export function gunzipAtOnce(compressed: Buffer): Buffer | undefined {
  const chunkSize = Math.max(SMALLEST_CHUNK, Math.min(LONGEST, lastLength(compressed)) + 1);
  try {
    const inflated: unknown = gunzipSync(compressed, { chunkSize, maxOutputLength: LONGEST, info: true });
    const { buffer, engine } = inflated as { readonly buffer: Buffer; readonly engine: Gunzip }; // what `info` asks for
    return engine.bytesWritten === compressed.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

/** What the last member says that it inflates to, which is mostly the only one. Source: RFC 1952, 2.3.1, ISIZE. */
function lastLength(compressed: Buffer): number {
  return compressed.length < 4 ? 0 : compressed.readUInt32LE(compressed.length - 4);
}
