/// <reference path="./unbzip2.d.ts" />
import createBitReader, { type BitReader } from 'unbzip2-stream/lib/bit_iterator.js';
import bzip2 from 'unbzip2-stream/lib/bzip2.js';
import { cut, PackedDataError } from './inflater.ts';

/**
 * The bytes of one unit of the block size, and how many more bytes a compressed block has at most. Source:
 * unbzip2-stream, index.js.
 */
const [UNIT, BESIDES] = [100_000, 25_000];
/** The length of the shortest stream in bytes: a header, and the end mark with its checksum. */
const HEADER = 4;

/**
 * Decompresses consecutive bzip2 streams, block by block. `unbzip2-stream` itself decompresses all that is left once
 * its input ends, and a megabyte can become terabytes. So this code calls its decoder for one block at a time, which
 * has 47 MB at most.
 * @throws PackedDataError after everything that could be decompressed.
 */
export async function* bunzip2(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = compressed[Symbol.asyncIterator]();
  const queue: Buffer[] = [];
  let [held, isAtEnd] = [0, false];
  const fill = async (least: number) => {
    while (held - (bits?.bytesRead ?? 0) < least && !isAtEnd) {
      const next = await source.next();
      if (next.done === true) isAtEnd = true;
      else {
        queue.push(Buffer.from(next.value)); // The source reuses its buffer.
        held += next.value.length;
      }
    }
    return held > (bits?.bytesRead ?? 0);
  };
  let bits: BitReader | undefined;
  let block: Blocks | undefined;
  while (await fill(block === undefined ? HEADER : BESIDES + UNIT * block.size)) {
    bits ??= createBitReader(() => {
      const next = queue.shift();
      if (next === undefined) throw cut('bzip2');
      return next;
    });
    const read: BlockRead = readBlock(bits, block);
    block = read.block;
    if (read.bytes !== undefined) yield read.bytes;
  }
  if (block !== undefined) throw cut('bzip2');
}

/** The state of a stream: its block size, and the checksum so far. */
interface Blocks {
  readonly size: number;
  readonly checksum: number;
}

interface BlockRead {
  /** The state of the stream after this block. Undefined at its end. */
  readonly block: Blocks | undefined;
  readonly bytes?: Buffer;
}

/** Reads a stream's header, a block, or its end. */
function readBlock(bits: BitReader, block: Blocks | undefined): BlockRead {
  try {
    if (block === undefined) return { block: { size: bzip2.header(bits), checksum: 0 } };
    const bytes = new Bytes();
    const most = UNIT * block.size;
    const checksum = bzip2.decompress(bits, (byte) => bytes.add(byte), new Int32Array(most), most, block.checksum);
    return checksum === null ? { block: undefined } : { block: { ...block, checksum }, bytes: bytes.taken() };
  } catch (error) {
    if (error instanceof PackedDataError || !(error instanceof Error)) throw error;
    throw new PackedDataError(`The bzip2 data is damaged: ${error.message}.`, { cause: error });
  }
}

const FIRST_ROOM = 1024 * 1024;

/** Bytes that come one by one. */
class Bytes {
  #room = Buffer.allocUnsafe(FIRST_ROOM);
  #length = 0;

  add(byte: number): void {
    if (this.#length === this.#room.length) this.#room = Buffer.concat([this.#room, Buffer.allocUnsafe(this.#length)]);
    this.#room[this.#length] = byte;
    this.#length += 1;
  }

  taken(): Buffer {
    return this.#room.subarray(0, this.#length);
  }
}
