import { Decompress } from 'fzstd';
import xxhash, { type XXHash } from 'xxhash-wasm';
import { CompressedBytes, cut, PackedDataError } from './inflater.ts';
import { UnreadableFileError } from './unreadable-file.ts';

/**
 * The first bytes of a frame, and of a frame to skip, in hexadecimal digits. RFC 8878, 3.1, is the source of all
 * numbers below.
 */
const [FRAME, SKIPPED] = [/^28b52ffd/, /^5.2a4d18/];
const BLOCK_HEADER = 3;
const CHECKSUM = 4;
/** The type of a block that repeats one byte. It has only that byte. */
const REPEATED = 1;
/** The largest block in bytes, compressed or not. */
const LARGEST_BLOCK = 128 * 1024;
/** The largest window in bytes. It is kept in memory. The command `zstd` has the same limit. */
const LARGEST_WINDOW = 128 * 1024 * 1024;
/** The bit of a header's descriptor that says that a checksum ends the frame. */
const HAS_CHECKSUM = 4;

interface Frame {
  /** The header without the bit for the checksum, because the decoder does not receive the checksum. */
  readonly header: Buffer;
  readonly hasChecksum: boolean;
}

/**
 * Decompresses Zstandard, frame by frame and block by block. A block becomes 128 KiB at most, and no more is
 * decompressed than is read. `fzstd` decompresses, but has no limits and no checksums, so this code adds them.
 * @throws PackedDataError after everything that could be decompressed.
 * @throws UnreadableFileError if a frame needs a dictionary or a larger window.
 */
export async function* unzstd(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = new CompressedBytes(compressed, 'zstd');
  const { create64 } = await xxhash();
  for (;;) {
    const magic = await input.upTo(4);
    if (magic.length === 0) return;
    const digits = magic.toString('hex');
    if (SKIPPED.test(digits)) await skipFrame(input);
    else if (FRAME.test(digits)) yield* blocksOf(input, magic, create64());
    else if (magic.length < 4) throw cut('zstd');
    else throw new PackedDataError('The zstd data is damaged, or other data comes after it.');
  }
}

async function skipFrame(input: CompressedBytes): Promise<void> {
  const length = (await input.take(4)).readUInt32LE();
  for await (const piece of input.pieces(length)) if (piece.length === 0) return;
}

/** Yields the decompressed blocks of a frame, and compares the checksum. */
async function* blocksOf(input: CompressedBytes, magic: Buffer, hash: XXHash<bigint>): AsyncGenerator<Buffer> {
  const { header, hasChecksum } = await readHeader(input, magic);
  const decoder = new FrameDecoder();
  decoder.decode(header);
  for (let isLast = false; !isLast; ) {
    const block = await readBlock(input);
    isLast = block.isLast;
    for (const bytes of decoder.decode(block.bytes, isLast)) {
      hash.update(bytes);
      yield bytes;
    }
  }
  if (hasChecksum) compareChecksum(await input.take(CHECKSUM), hash);
}

function compareChecksum(stated: Buffer, hash: XXHash<bigint>): void {
  if (stated.readUInt32LE() === Number(hash.digest() & 0xffffffffn)) return;
  throw new PackedDataError('The zstd data is damaged: its checksum is another one.');
}

/** Decompresses the bytes of one frame. */
class FrameDecoder {
  #blocks: Buffer[] = [];
  readonly #decoder = new Decompress(({ buffer, byteOffset, length }) => {
    if (length > 0) this.#blocks.push(Buffer.from(buffer, byteOffset, length));
  });

  /**
   * Decompresses the next bytes.
   * @throws PackedDataError if they are damaged. It replaces every error of the decoder.
   */
  decode(bytes: Buffer, isLast = false): readonly Buffer[] {
    this.#blocks = [];
    try {
      this.#decoder.push(bytes, isLast);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new PackedDataError(`The zstd data is damaged: ${error.message}.`, { cause: error });
    }
    return this.#blocks;
  }
}

/** Reads the rest of a frame's header. Refuses what cannot be decompressed. */
async function readHeader(input: CompressedBytes, magic: Buffer): Promise<Frame> {
  const descriptor = (await input.take(1)).readUInt8();
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const rest = await input.take((isSingleSegment ? 0 : 1) + dictionary + contentSize);
  if (dictionary > 0 && rest.readUIntLE(isSingleSegment ? 0 : 1, dictionary) > 0)
    throw new UnreadableFileError('It is packed with a Zstandard dictionary. Unpack it first: zstd -d -D DICTIONARY.');
  const window = isSingleSegment ? sizeOfContent(rest.subarray(dictionary)) : sizeOfWindow(rest.readUInt8());
  if (window > LARGEST_WINDOW)
    throw new UnreadableFileError('It needs more than 128 MiB to unpack. Unpack it first: zstd -d --long=31.');
  const header = Buffer.concat([magic, Buffer.from([descriptor & ~HAS_CHECKSUM]), rest]);
  return { header, hasChecksum: (descriptor & HAS_CHECKSUM) !== 0 };
}

function sizeOfContent(field: Buffer): number {
  if (field.length === 8) return Number(field.readBigUInt64LE());
  return field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0);
}

function sizeOfWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Reads a block with its header. */
async function readBlock(input: CompressedBytes): Promise<{ readonly bytes: Buffer; readonly isLast: boolean }> {
  const header = await input.take(BLOCK_HEADER);
  const fields = header.readUIntLE(0, BLOCK_HEADER);
  const size = fields >> 3;
  if (size > LARGEST_BLOCK) throw new PackedDataError('The zstd data is damaged: a block is longer than 128 KiB.');
  const content = await input.take(((fields >> 1) & 3) === REPEATED ? 1 : size);
  return { bytes: Buffer.concat([header, content]), isLast: (fields & 1) === 1 };
}
