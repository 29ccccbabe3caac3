import type { ArchiveEntry } from './archive-entry.ts';
import type { CompressedBytes } from './inflater.ts';
import { PackedDataError } from './inflater.ts';

const BLOCK = 512;
/**
 * The types of regular files: `0`, NUL (in old tars) and `7` (contiguous). Source: POSIX.1-2024, "pax", "ustar
 * Interchange Format".
 */
const REGULAR: ReadonlySet<string> = new Set(['0', '\0', '7']);

/**
 * Yields the regular files of a tar. Folders, links and the headers of pax and GNU tar are skipped. So a name longer
 * than 100 characters can be cut.
 * @throws PackedDataError if the tar is cut or damaged.
 */
export async function* tarEntries(input: CompressedBytes): AsyncGenerator<ArchiveEntry> {
  for (;;) {
    const header = await input.upTo(BLOCK);
    if (header.length === 0 || header.every((byte) => byte === 0)) return;
    if (header.length < BLOCK || !hasChecksum(header))
      throw new PackedDataError('The tar is cut off or damaged: wrong header.');
    const length = sizeOf(header);
    const file = new TarEntry(nameOf(header), input, length);
    if (REGULAR.has(header.toString('latin1', 156, 157)) && length > 0) yield file;
    await file.skipRest();
  }
}

class TarEntry implements ArchiveEntry {
  readonly name: string;
  readonly #input: CompressedBytes;
  /** The bytes of its content that are left, and those of the padding after it. */
  #left: number;
  #padding: number;

  constructor(name: string, input: CompressedBytes, length: number) {
    this.name = name;
    this.#input = input;
    this.#left = length;
    this.#padding = (BLOCK - (length % BLOCK)) % BLOCK;
  }

  async *bytes(): AsyncGenerator<Buffer> {
    for await (const piece of this.#input.pieces(this.#left)) {
      this.#left -= piece.length;
      yield piece;
    }
  }

  async skipRest(): Promise<void> {
    const left = this.#left + this.#padding;
    this.#left = 0;
    this.#padding = 0;
    for await (const _ of this.#input.pieces(left));
  }
}

function nameOf(header: Buffer): string {
  const [name, prefix] = [textAt(header, 0, 100), textAt(header, 345, 155)];
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textAt(header: Buffer, from: number, length: number): string {
  const text = header.toString('utf8', from, from + length);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/**
 * Returns the size: octal digits, or a binary number if the first bit is set. GNU tar writes the latter for files over
 * 8 GiB.
 */
function sizeOf(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) !== 0) return header.readUIntBE(130, 6);
  return Number.parseInt(textAt(header, 124, 12).trim(), 8) || 0;
}

/** Returns whether the header's checksum is right. It is the sum of its bytes, with blanks in place of the checksum. */
function hasChecksum(header: Buffer): boolean {
  const stated = Number.parseInt(textAt(header, 148, 8).trim(), 8);
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0) === stated;
}
