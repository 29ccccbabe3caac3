import { crc32, type Gunzip, gunzipSync } from 'node:zlib';
import { CompressedBytes, Inflater, PackedDataError } from './inflater.ts';

const MAGIC = Buffer.from([0x1f, 0x8b]);

/** Returns whether the bytes are gzip, by the first two (RFC 1952, 2.3.1). */
export function isGzip(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * Decompresses consecutive gzip members. Zeros after the data are padding, not an error.
 * @param length the length of the compressed data in bytes, if known. Short data without errors is decompressed at
 *   once.
 * @throws PackedDataError after everything that could be decompressed.
 */
export async function* gunzip(compressed: AsyncIterable<Buffer>, length = Infinity): AsyncGenerator<Buffer> {
  if (length > SHORT) return yield* byPieces(compressed);
  const all = await allOf(compressed);
  const inflated = gunzipAtOnce(all);
  if (inflated === undefined) yield* byPieces(only(all));
  else if (inflated.length > 0) yield inflated;
}

/**
 * Decompresses piece by piece. The next piece is decompressed while the last one is used. Node.js's own `createGunzip`
 * holds back the last piece, with whole records in it. It does so after damage, a wrong checksum, or bytes that follow
 * the data. So this code checks the headers, the checksums and the following bytes itself.
 */
async function* byPieces(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const members = readMembers(new CompressedBytes(compressed, 'gzip'));
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

/** Keeps an error until the result is used. Otherwise Node.js would report it as unhandled before. */
function settled(
  next: Promise<IteratorResult<Buffer>>,
): Promise<IteratorResult<Buffer> | { readonly error: unknown; readonly done: true }> {
  return next.catch((error: unknown) => ({ error, done: true }));
}

/**
 * Decompresses the members. If the checksum of one is wrong, that is reported at the end, after the members that
 * follow.
 */
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
  if (flaw !== undefined) throw new PackedDataError(flaw);
  if (others > 0) throw new PackedDataError(`After the gzip data come ${others} other bytes; they were left out.`);
}

const DEFLATE = 8;
const FLAG = { headerChecksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

/** Skips the bytes between the first two and the compressed data. Source: RFC 1952, 2.3. */
async function skipHeader(input: CompressedBytes): Promise<void> {
  const [method, flags = 0] = await input.take(8);
  if (method !== DEFLATE || (flags & FLAG.reserved) !== 0)
    throw new PackedDataError('The gzip data is damaged: wrong header.');
  if (flags & FLAG.extra) await input.take((await input.take(2)).readUInt16LE());
  for (const text of [FLAG.name, FLAG.comment]) {
    if ((flags & text) === 0) continue;
    await input.skipWhile((byte) => byte !== 0);
    await input.take(1);
  }
  if (flags & FLAG.headerChecksum) await input.take(2);
}

/** Decompresses a member to its end. Then returns what is wrong with it, or undefined. */
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
  const isComplete = trailer.readUInt32LE() === checksum && trailer.readUInt32LE(4) === length % 2 ** 32;
  return isComplete ? undefined : 'The checksum of the gzip data is wrong: the decompressed data may be damaged.';
}

/** The length in compressed bytes up to which data is decompressed at once. Most CloudTrail files are shorter. */
const SHORT = 1024 * 1024;
/** Limits the bytes that are decompressed at once. */
const LONGEST = 16 * 1024 * 1024;
/** The smallest output buffer to request from zlib, in bytes. */
const SMALLEST_CHUNK = 16 * 1024;

/**
 * Decompresses consecutive gzip members at once. Undefined if other data or padding follows, or if the members are cut,
 * damaged or too long. The caller must then decompress piece by piece, to find out how much is readable.
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
 * Returns the length that the last member states for its output. Usually it is the only member. Source: RFC 1952,
 * 2.3.1, ISIZE.
 */
function lastLength(compressed: Buffer): number {
  return compressed.length < 4 ? 0 : compressed.readUInt32LE(compressed.length - 4);
}
