import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
} from 'hyparquet';
import type { ErrorCode } from '../../error-code.ts';
import { boundedCompressors } from './compressors.ts';
import { isParquet } from './magic.ts';
import type { RandomAccess } from './random-access.ts';

/** A Parquet file, or a part of it, that cannot be read; the message says what is wrong with it. */
export class ParquetError extends Error {
  readonly code = 'parquet' satisfies ErrorCode;
}

/** What of a row group may be in memory at once, compressed and not: the format's own advice is 512 MB to 1 GB on disk. */
const LARGEST_GROUP = 512 * 1024 * 1024;
/** Of so many, each with its identity and its time, a group would be larger than that. */
const MOST_ROWS = 4 * 1024 * 1024;
/** A directory of more is none: it grows with columns and row groups, to some hundred kilobytes. */
const LARGEST_DIRECTORY = 64 * 1024 * 1024;

/** The rows of one row group, or why they cannot be read; rows are numbered from 0 through the file. */
export type RowGroupRead = { readonly firstRow: number } & (
  | { readonly rows: readonly unknown[] }
  | { readonly flaw: string }
);

/**
 * The rows of a Parquet file, one row group after the other, of which one is in memory; of the columns those of these
 * names. Times are texts of RFC 3339 with all of their digits. A damaged group keeps nothing from the next.
 * @throws ParquetError where the file's directory cannot be read.
 * @throws what `access` throws.
 */
export async function* parquetRows(access: RandomAccess, columns: readonly string[]): AsyncGenerator<RowGroupRead> {
  const metadata = await directoryOf(access);
  const present = new Set(parquetSchema(metadata).children.map(({ element }) => element.name));
  const wanted = columns.filter((column) => present.has(column));
  let firstRow = 0;
  for (const group of metadata.row_groups) {
    const end = firstRow + Number(group.num_rows);
    yield { firstRow, ...(await groupRows(access, metadata, { group, wanted, firstRow, end })) };
    firstRow = end;
  }
}

async function directoryOf(access: RandomAccess): Promise<FileMetaData> {
  if (access.length < 12) throw new ParquetError('The file ends before its directory.');
  const end = await access.read(access.length - 8, access.length);
  if (end.length < 8 || !isParquet(end.subarray(4)))
    throw new ParquetError('The file was cut: its directory is missing.');
  const length = end.readUInt32LE(0);
  if (length > Math.min(LARGEST_DIRECTORY, access.length - 12))
    throw new ParquetError(`The file says that its directory has ${length} bytes, which cannot be.`);
  const start = access.length - 8 - length;
  const directory = Buffer.concat([await access.read(start, access.length - 8), end]);
  return decoding(() => parquetMetadataAsync(windowOn(directory, start, access.length), { geoparquet: false }));
}

interface GroupRead {
  readonly group: RowGroup;
  readonly wanted: readonly string[];
  readonly firstRow: number;
  readonly end: number;
}

async function groupRows(
  access: RandomAccess,
  metadata: FileMetaData,
  { group, wanted, firstRow, end }: GroupRead,
): Promise<{ rows: readonly unknown[] } | { flaw: string }> {
  const span = spanOf(group, wanted, access.length);
  if (typeof span === 'string') return { flaw: span };
  const bytes = await access.read(span.start, span.end);
  if (bytes.length < span.end - span.start) return { flaw: 'The file was cut within the row group.' };
  const file = windowOn(bytes, span.start, access.length);
  const compressors = boundedCompressors(LARGEST_GROUP);
  const [rowStart, rowEnd] = [firstRow, end];
  try {
    return {
      rows: await decoding(() =>
        parquetReadObjects({
          file,
          metadata,
          columns: [...wanted],
          rowStart,
          rowEnd,
          compressors,
          parsers: TIMES,
          geoparquet: false,
        }),
      ),
    };
  } catch (error) {
    if (!(error instanceof ParquetError)) throw error;
    return { flaw: error.message };
  }
}

/** From where to where the columns' bytes reach, or why they cannot be read. */
function spanOf(group: RowGroup, wanted: readonly string[], length: number): { start: number; end: number } | string {
  let [start, end, inflated] = [length, 0, 0];
  for (const { meta_data: column } of group.columns) {
    if (column === undefined || !wanted.includes(column.path_in_schema[0] ?? '')) continue;
    const first = Number(column.dictionary_page_offset || column.data_page_offset);
    start = Math.min(start, first, Number(column.data_page_offset));
    end = Math.max(end, first + Number(column.total_compressed_size));
    inflated += Number(column.total_uncompressed_size);
  }
  if (!(Number(group.num_rows) <= MOST_ROWS)) return `The row group says that it has ${group.num_rows} rows.`;
  if (end === 0) return { start: 0, end: 0 };
  if (!(start >= 0 && start <= end && end <= length)) return 'The row group says that it lies outside of the file.';
  if (end - start > LARGEST_GROUP || inflated > LARGEST_GROUP)
    return `The row group has more than ${LARGEST_GROUP / 1024 / 1024} MiB: write the file again with smaller ones.`;
  return { start, end };
}

/** The decoder reads nothing but memory: whatever it throws is a flaw of the file. */
async function decoding<T>(decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ParquetError(`It is no Parquet that can be read: ${why}.`, { cause: error });
  }
}

/** Bytes in memory as the part of a file that begins at `start`. */
function windowOn(bytes: Buffer, start: number, length: number): AsyncBuffer {
  return {
    byteLength: length,
    slice(from, to = length) {
      const [first, last] = [Math.max(from, start) - start, to - start];
      if (last > bytes.length || from > to) throw new RangeError(`bytes ${from} to ${to} are not those of its columns`);
      return new Uint8Array(bytes.subarray(first, last)).buffer;
    },
  };
}

/** Whole text, where a Date would lose the microseconds that tell events apart. */
const TIMES = {
  timestampFromMilliseconds: (millis: bigint) => instantText(millis, 3),
  timestampFromMicroseconds: (micros: bigint) => instantText(micros, 6),
  timestampFromNanoseconds: (nanos: bigint) => instantText(nanos, 9),
};

/** What a Date can hold. */
const LATEST = 8_640_000_000_000n;

/** Undefined where it is no time, in place of an error that would take the row group with it. */
function instantText(value: bigint, digits: 3 | 6 | 9): string | undefined {
  const unit = 10n ** BigInt(digits);
  const fraction = ((value % unit) + unit) % unit;
  const seconds = (value - fraction) / unit;
  if (seconds > LATEST || seconds < -LATEST) return undefined;
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, -5);
  return `${whole}.${String(fraction).padStart(digits, '0')}Z`;
}
