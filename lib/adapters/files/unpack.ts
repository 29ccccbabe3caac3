import type { ArchiveEntry } from './archive-entry.ts';
import { bunzip2 } from './bunzip2.ts';
import { gunzip } from './gunzip.ts';
import { CompressedBytes, PackedDataError } from './inflater.ts';
import { tarEntries } from './tar.ts';
import { UnreadableFileError } from './unreadable-file.ts';
import { unzstd } from './unzstd.ts';
import { asUtf8, firstBytes } from './utf-8.ts';
import { zipEntries } from './zip.ts';

/** A piece of unpacked bytes. */
export interface UnpackedPiece {
  readonly bytes: Buffer;
  /** The path of the file within an archive. Empty outside of archives. */
  readonly entry: string;
  /** Why the rest of this file in an archive cannot be read. Absent if it can. */
  readonly flaw?: PackedDataError | UnreadableFileError | undefined;
}

interface Place {
  /** The number of packed bytes, if it is known. */
  readonly length?: number | undefined;
  readonly entry?: string;
  /** The number of formats around it. */
  readonly level?: number;
}

/** How packed bytes are unpacked: into other bytes, or into files. */
type Format =
  | { readonly stream: (packed: AsyncGenerator<Buffer>, length: number | undefined) => AsyncGenerator<Buffer> }
  | { readonly archive: (packed: AsyncGenerator<Buffer>) => AsyncGenerator<ArchiveEntry> }
  /** A format that is recognized but not read, with a sentence on what to do. */
  | { readonly unread: string };

/**
 * The formats by their first bytes, in hexadecimal digits. Sources: RFC 1952, RFC 8878, APPNOTE.TXT of PKWARE, and the
 * pages of the formats.
 */
const FORMATS: readonly (readonly [magic: RegExp, format: Format])[] = [
  [/^1f8b/, { stream: gunzip }],
  [/^28b52ffd|^5.2a4d18/, { stream: unzstd }],
  [/^425a68[0-9a-f]{2}(?:314159265359|177245385090)/, { stream: bunzip2 }],
  [/^504b0304/, { archive: (packed) => zipEntries(new CompressedBytes(packed, 'zip')) }],
  [/^.{514}7573746172/, { archive: (packed) => tarEntries(new CompressedBytes(packed, 'tar')) }],
  [/^fd377a585a00/, { unread: 'It is packed with xz. Unpack it first: xz -d.' }],
  [/^377abcaf271c/, { unread: 'It is a 7z archive. Unpack it first: 7z x.' }],
  [/^526172211a07/, { unread: 'It is a RAR archive. Unpack it first.' }],
  [/^04224d18/, { unread: 'It is packed with LZ4. Unpack it first: lz4 -d.' }],
  [/^504b0506/, { unread: 'It is a zip archive without files.' }],
];

/** The number of first bytes that show the format. A tar's come last among them. */
const HEAD = 263;
/** Limits the formats around one file. A log in a tar in a gzip in a zip has three. */
const MOST_LEVELS = 4;

/**
 * Yields the unpacked bytes of a file as UTF-8. The files of an archive follow one after another. Packed files within
 * packed files are unpacked too.
 * @throws PackedDataError if the packed data is cut or damaged, after everything that could be unpacked.
 * @throws UnreadableFileError if the format is known but not read.
 */
export async function* unpacked(
  packed: AsyncGenerator<Buffer>,
  { length, entry = '', level = 0 }: Place,
): AsyncGenerator<UnpackedPiece> {
  const head = await firstBytes(packed, HEAD);
  const all = chain(head, packed);
  const format = formatOf(head);
  if (format === undefined) return yield* piecesOfFile(asUtf8(all), entry);
  if ('unread' in format) throw new UnreadableFileError(format.unread);
  if (level >= MOST_LEVELS) {
    throw new UnreadableFileError('It is packed more than four times.', { reason: 'nested-too-deep' });
  }
  if ('stream' in format) return yield* unpacked(format.stream(all, length), { entry, level: level + 1 });
  for await (const file of format.archive(all)) yield* filesOf(file, entry, level);
}

async function* piecesOfFile(pieces: AsyncGenerator<Buffer>, entry: string): AsyncGenerator<UnpackedPiece> {
  for await (const bytes of pieces) yield { bytes, entry };
}

/** Yields a file of an archive. If it cannot be read, the others still are. */
async function* filesOf(file: ArchiveEntry, within: string, level: number): AsyncGenerator<UnpackedPiece> {
  const entry = within === '' ? file.name : `${within}/${file.name}`;
  try {
    yield* unpacked(file.bytes(), { entry, level: level + 1 });
  } catch (error) {
    if (!(error instanceof PackedDataError || error instanceof UnreadableFileError)) throw error;
    yield { bytes: Buffer.alloc(0), entry, flaw: error };
  }
  await file.skipRest();
}

function formatOf(head: Buffer): Format | undefined {
  const digits = head.toString('hex', 0, HEAD);
  return FORMATS.find(([magic]) => magic.test(digits))?.[1];
}

async function* chain(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
