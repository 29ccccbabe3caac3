import { crc32 } from 'node:zlib';
import type { ArchiveEntry } from './archive-entry.ts';
import { type CompressedBytes, Inflater, PackedDataError } from './inflater.ts';
import { UnreadableFileError } from './unreadable-file.ts';

/** The signatures of a file and of a descriptor. Source of the format: APPNOTE.TXT of PKWARE, 4.3. */
const [FILE, DESCRIPTOR] = [0x04034b50, 0x08074b50];
/** The signatures that can follow the files: of the directory, of encryption data, or of the end. */
const BEHIND_FILES: ReadonlySet<number> = new Set([0x02014b50, 0x08064b50, 0x06054b50, 0x06064b50]);
const [STORED, DEFLATED] = [0, 8];
const FLAG = { encrypted: 1, descriptor: 8 } as const;
const UNKNOWN_SIZE = 0xffffffff;

/**
 * Yields the files of a zip in their order. It does not use the directory at the end, because pipes and objects in S3
 * are read from the beginning. Folders and macOS's own files (`__MACOSX/`) are skipped.
 * @throws PackedDataError if the zip is cut or damaged.
 */
export async function* zipEntries(input: CompressedBytes): AsyncGenerator<ArchiveEntry> {
  for (;;) {
    const signature = (await input.take(4)).readUInt32LE();
    if (BEHIND_FILES.has(signature)) break;
    if (signature !== FILE) throw new PackedDataError('The zip is damaged: wrong header.');
    const file = await ZipEntry.read(input);
    const isLog = !file.name.endsWith('/') && !file.name.startsWith('__MACOSX/');
    if (isLog) yield file;
    await file.skipRest();
  }
  await input.skipWhile(() => true);
}

class ZipEntry implements ArchiveEntry {
  readonly name: string;
  readonly #input: CompressedBytes;
  readonly #header: Buffer;
  #content: AsyncGenerator<Buffer> | undefined;
  #isDone = false;

  private constructor(input: CompressedBytes, header: Buffer, name: string) {
    this.#input = input;
    this.#header = header;
    this.name = name;
  }

  static async read(input: CompressedBytes): Promise<ZipEntry> {
    const header = await input.take(26);
    const name = await input.take(header.readUInt16LE(22));
    await input.take(header.readUInt16LE(24));
    return new ZipEntry(input, header, name.toString('utf8'));
  }

  get #flags(): number {
    return this.#header.readUInt16LE(2);
  }

  get #method(): number {
    return this.#header.readUInt16LE(4);
  }

  /** The size of the packed content in bytes. Undefined if it is stated only after the content, or is over 4 GiB. */
  get #packedSize(): number | undefined {
    const size = this.#header.readUInt32LE(14);
    return (this.#flags & FLAG.descriptor) !== 0 || size === UNKNOWN_SIZE ? undefined : size;
  }

  async *bytes(): AsyncGenerator<Buffer> {
    const unread = this.#unreadable();
    if (unread !== undefined) throw new UnreadableFileError(unread);
    this.#content ??= this.#unpack();
    for (let next = await this.#content.next(); next.done !== true; next = await this.#content.next()) yield next.value;
  }

  /** Returns why the content is not read. Undefined if it is. */
  #unreadable(): string | undefined {
    if ((this.#flags & FLAG.encrypted) !== 0) return 'It is encrypted. Unpack the archive first.';
    if (this.#method === DEFLATED || (this.#method === STORED && this.#packedSize !== undefined)) return undefined;
    return `It is packed in a way that is not read (method ${this.#method}). Unpack the archive first.`;
  }

  /**
   * Goes to the end of the content.
   * @throws PackedDataError if the end cannot be found.
   */
  async skipRest(): Promise<void> {
    if (this.#isDone) return;
    if (this.#unreadable() !== undefined) return this.#skipPacked();
    this.#content ??= this.#unpack();
    for (let next = await this.#content.next(); next.done !== true; next = await this.#content.next());
  }

  async #skipPacked(): Promise<void> {
    const size = this.#packedSize;
    if (size === undefined)
      throw new PackedDataError(`The zip cannot be read after ${this.name}: its length is not stated.`);
    this.#isDone = true;
    for await (const _ of this.#input.pieces(size));
  }

  async *#unpack(): AsyncGenerator<Buffer> {
    let checksum = 0;
    for await (const piece of this.#method === STORED ? this.#input.pieces(this.#packedSize ?? 0) : this.#inflate()) {
      checksum = crc32(piece, checksum);
      yield piece;
    }
    const stated = (this.#flags & FLAG.descriptor) === 0 ? this.#header.readUInt32LE(10) : await this.#readDescriptor();
    this.#isDone = true;
    if (stated !== checksum) throw new PackedDataError('The checksum of the file is wrong: it may be damaged.');
  }

  async *#inflate(): AsyncGenerator<Buffer> {
    const inflater = new Inflater();
    try {
      while (!inflater.ended) yield* await inflater.inflate(this.#input);
    } finally {
      inflater.close();
    }
  }

  /**
   * Reads the checksum and the sizes after the content. Returns the checksum. The sizes have 4 bytes each, or 8 in a
   * large archive.
   */
  async #readDescriptor(): Promise<number> {
    const first = (await this.#input.take(4)).readUInt32LE();
    const checksum = first === DESCRIPTOR ? (await this.#input.take(4)).readUInt32LE() : first;
    await this.#input.take(8);
    const next = await this.#input.peek(4);
    const signature = next.length === 4 ? next.readUInt32LE() : 0;
    if (signature !== FILE && !BEHIND_FILES.has(signature)) await this.#input.take(8);
    return checksum;
  }
}
