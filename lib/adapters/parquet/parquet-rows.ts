import zlib, { brotliDecompressSync, gunzipSync } from 'node:zlib';
import {
  type Compressors,
  type ParquetParsers,
  parquetMetadata,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet';
import { assembleNested } from 'hyparquet/src/assemble.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import { compressors } from 'hyparquet-compressors';
import { Budget } from './budget.ts';
import { LeafColumn } from './leaf-column.ts';
import { decoding, isParquet, ParquetError } from './parquet-error.ts';
import type { RandomAccess } from './random-access.ts';
import { endOfStruct } from './well-formed.ts';

/** Limits the bytes of a row group in memory, compressed or not. The format recommends 512 MB to 1 GB on disk. */
const LARGEST_GROUP = 512 * 1024 * 1024;
/**
 * Limits the rows of a row group. Every row has an identity and a time. So with more rows, it would exceed the limit of
 * bytes anyway.
 */
const MOST_ROWS = 4 * 1024 * 1024;
/**
 * Limits the values of a row group, present or absent. Each takes some ten bytes of memory. 300,000 events with 200
 * fields have as many.
 */
const MOST_VALUES = 64 * 1024 * 1024;
/** The largest directory in bytes. Directories grow with columns and row groups, to a few hundred kilobytes. */
const LARGEST_DIRECTORY = 8 * 1024 * 1024;
/** Limits the columns. Events of Security Lake have a few hundred. */
const MOST_COLUMNS = 4_096;
/** Limits the levels of a column. Events of Security Lake have seven. */
const DEEPEST_COLUMN = 32;
/** The number of rows that are assembled at once. */
const BATCH = 1_024;

/**
 * Some rows of a row group, or the reason why the rest of the group cannot be read. Groups are numbered from 1. Rows
 * are numbered from 0 through the whole file.
 */
export type RowsRead = { readonly group: number; readonly firstRow: number } & (
  | { readonly rows: readonly unknown[] }
  | { readonly flaw: string }
);

interface Directory {
  readonly schema: SchemaTree;
  readonly groups: readonly RowGroup[];
}

/**
 * Yields the rows of a Parquet file with the named columns. Only one row group is in memory at a time. Times are RFC
 * 3339 texts with all their digits. A damaged group does not affect the next one.
 * @throws ParquetError if the file's directory cannot be read.
 * @throws the errors of `access`.
 */
export async function* parquetRows(access: RandomAccess, columns: readonly string[]): AsyncGenerator<RowsRead> {
  const { schema, groups } = await directoryOf(access);
  const wanted = schema.children.filter(({ element }) => columns.includes(element.name));
  let firstRow = 0;
  for (const [index, group] of groups.entries()) {
    for await (const read of groupRows(access, group, { root: schema, wanted }))
      yield 'rows' in read
        ? { group: index + 1, firstRow: firstRow + read.before, rows: read.rows }
        : { group: index + 1, firstRow, flaw: read.flaw };
    const rows = Number(group.num_rows);
    if (rows >= 0) firstRow += rows;
  }
}

async function directoryOf(access: RandomAccess): Promise<Directory> {
  if (access.length < 12) throw new ParquetError('The file ends before its directory.');
  const end = await access.read(access.length - 8, access.length);
  if (end.length < 8 || !isParquet(end.subarray(4)))
    throw new ParquetError('The file was cut: its directory is missing.');
  const length = end.readUInt32LE(0);
  if (length > Math.min(LARGEST_DIRECTORY, access.length - 12))
    throw new ParquetError(`The file states a directory of ${length} bytes, which is impossible.`);
  const bytes = Buffer.concat([await access.read(access.length - 8 - length, access.length - 8), end]);
  return decoding(() => {
    endOfStruct(new DataView(bytes.buffer, bytes.byteOffset, length), 0);
    const metadata = parquetMetadata(bytes, { geoparquet: false });
    if (metadata.schema.length > MOST_COLUMNS) throw new RangeError(`it has ${metadata.schema.length} columns`);
    return { schema: parquetSchema(metadata), groups: metadata.row_groups };
  });
}

interface ColumnChoice {
  readonly root: SchemaTree;
  /** The top-level columns to read. */
  readonly wanted: readonly SchemaTree[];
}

type PartRead = { readonly before: number; readonly rows: readonly unknown[] } | { readonly flaw: string };

async function* groupRows(access: RandomAccess, group: RowGroup, wanted: ColumnChoice): AsyncGenerator<PartRead> {
  try {
    const span = decoding(() => spanOf(group, wanted, access.length));
    const bytes = await access.read(span.start, span.end);
    if (bytes.length < span.end - span.start) throw new ParquetError('The file was cut within the row group.');
    const columns = decoding(() => columnsOf(group, wanted, { bytes, start: span.start, length: access.length }));
    for (let before = 0; before < span.rows; before += BATCH) {
      const size = Math.min(BATCH, span.rows - before);
      yield { before, rows: decoding(() => rowsOf(columns, size)) };
    }
  } catch (error) {
    if (!(error instanceof ParquetError)) throw error;
    yield { flaw: error.message };
  }
}

interface Span {
  readonly rows: number;
  /** The positions of the first byte of the columns, and of the byte after them. */
  readonly start: number;
  readonly end: number;
}

/**
 * Returns the rows and the bytes of a row group.
 * @throws ParquetError with the reason if it cannot be read.
 */
function spanOf(group: RowGroup, { wanted }: ColumnChoice, length: number): Span {
  const rows = Number(group.num_rows);
  if (!(rows >= 0 && rows <= MOST_ROWS))
    throw new ParquetError(`The row group states ${group.num_rows} rows; 0 to ${MOST_ROWS} are allowed.`);
  const names = wanted.map(({ element }) => element.name);
  const columns = group.columns.flatMap(({ meta_data: column }) =>
    column !== undefined && names.includes(column.path_in_schema[0] ?? '') ? [extentOf(column, length)] : [],
  );
  if (columns.length === 0) throw new ParquetError('The row group has no column of a Security Lake event.');
  const start = columns.reduce((least, { first }) => Math.min(least, first), length);
  const end = columns.reduce((most, { first, size }) => Math.max(most, first + size), 0);
  const inflated = columns.reduce((sum, column) => sum + column.inflated, 0);
  if (end - start > LARGEST_GROUP || inflated > LARGEST_GROUP)
    throw new ParquetError(
      `The row group has more than ${LARGEST_GROUP / 1024 / 1024} MiB: write the file again with smaller row groups.`,
    );
  if (rows > end - start)
    throw new ParquetError(`The row group states ${rows} rows in ${end - start} bytes, which is impossible.`);
  return { rows, start, end };
}

type ColumnMeta = NonNullable<RowGroup['columns'][number]['meta_data']>;

interface Extent {
  readonly first: number;
  readonly size: number;
  readonly inflated: number;
}

/**
 * Returns where the bytes of a column are. A dictionary, if any, comes before the pages.
 * @throws ParquetError if they are outside of the file.
 */
function extentOf(column: ColumnMeta, length: number): Extent {
  const [data, dictionary] = [Number(column.data_page_offset), Number(column.dictionary_page_offset || Infinity)];
  const [first, size] = [Math.min(data, dictionary), Number(column.total_compressed_size)];
  if (!(first >= 0 && size >= 0 && first + size <= length))
    throw new ParquetError('The row group states a place outside of the file.');
  return { first, size, inflated: Number(column.total_uncompressed_size) };
}

/** A top-level column, with the columns of values below it, by path. */
interface TopColumn {
  readonly tree: SchemaTree;
  readonly leaves: Map<string, LeafColumn>;
}

function columnsOf(
  group: RowGroup,
  { root, wanted }: ColumnChoice,
  span: { readonly bytes: Buffer; readonly start: number; readonly length: number },
): readonly TopColumn[] {
  const budgets = { bytes: new Budget(LARGEST_GROUP, 'bytes'), values: new Budget(MOST_VALUES, 'values') };
  const compressors = boundedCompressors(budgets.bytes);
  const tops = new Map(wanted.map((tree) => [tree.element.name, { tree, leaves: new Map<string, LeafColumn>() }]));
  if (tops.size < wanted.length) throw new RangeError('two of its columns have the same name');
  for (const { meta_data: meta } of group.columns) {
    const top = tops.get(meta?.path_in_schema[0] ?? '');
    if (meta === undefined || top === undefined) continue;
    const name = meta.path_in_schema.join('.');
    const path = getTreePath(root, meta.path_in_schema);
    checkColumn(path, meta, name);
    if (top.leaves.has(name)) throw new RangeError(`the column ${name} appears twice`);
    const { first, size } = extentOf(meta, span.length);
    const bytes = span.bytes.subarray(first - span.start, first - span.start + size);
    const column = new LeafColumn({ bytes, meta, path, parsers: PARSERS, compressors, budgets });
    if (column.rows !== Number(group.num_rows))
      throw new RangeError(`the column ${name} has ${column.rows} of ${group.num_rows} rows`);
    top.leaves.set(name, column);
  }
  return [...tops.values()].filter(({ leaves }) => leaves.size > 0);
}

/** The kinds of values that no event has, and that the decoder reads without a limit. */
const UNREAD: readonly unknown[] = ['DECIMAL', 'BSON', 'INTERVAL', 'VARIANT', 'GEOMETRY', 'GEOGRAPHY', 'FILE'];

function checkColumn(path: readonly SchemaTree[], { type }: ColumnMeta, name: string): void {
  const leaf = path.at(-1);
  if (leaf === undefined || leaf.children.length > 0 || leaf.element.type !== type)
    throw new RangeError(`the column ${name} does not match the schema`);
  if (path.length > DEEPEST_COLUMN) throw new RangeError(`the column ${name} is nested too deep`);
  const unread = path.find(
    ({ element }) => UNREAD.includes(element.converted_type) || UNREAD.includes(element.logical_type?.type),
  );
  if (unread !== undefined) throw new RangeError(`the column ${name} has values of an unsupported kind`);
}

function rowsOf(columns: readonly TopColumn[], count: number): readonly unknown[] {
  const taken = columns.map(({ tree, leaves }) => {
    const { name } = tree.element;
    const data = new Map([...leaves].map(([path, leaf]) => [path, leaf.take(count)]));
    if (tree.children.length > 0) assembleNested(data, tree, PARSERS);
    const values = data.get(name);
    if (values?.length !== count) throw new RangeError(`the rows of the column ${name} cannot be assembled`);
    return { name, values };
  });
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(taken.map(({ name, values }): [string, unknown] => [name, values[row]])),
  );
}

/** Parsers that return times as text. A Date would lose the microseconds that distinguish events. */
const PARSERS: ParquetParsers = {
  ...DEFAULT_PARSERS,
  timestampFromMilliseconds: (millis: bigint) => instantText(millis, 3),
  timestampFromMicroseconds: (micros: bigint) => instantText(micros, 6),
  timestampFromNanoseconds: (nanos: bigint) => instantText(nanos, 9),
};

/** The latest time of a Date, in seconds. */
const LATEST = 8_640_000_000_000n;

/** Returns the time as text. Undefined if it is invalid, because an error would make the whole row group unreadable. */
function instantText(value: bigint, digits: 3 | 6 | 9): string | undefined {
  const unit = 10n ** BigInt(digits);
  const fraction = ((value % unit) + unit) % unit;
  const seconds = (value - fraction) / unit;
  if (seconds > LATEST || seconds < -LATEST) return undefined;
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, -5);
  return `${whole}.${String(fraction).padStart(digits, '0')}Z`;
}

/** Node.js's own decompression of Zstandard. Node.js 20 has none, so the package's is used there. */
const zstdDecompressSync: typeof zlib.zstdDecompressSync | undefined = zlib.zstdDecompressSync;

type Decompress = (input: Uint8Array, length: number) => Uint8Array;

/**
 * The most output bytes for one byte of LZ4. Snappy has far fewer. The package allocates what the header states, before
 * it reads the data.
 */
const MOST_PER_BYTE = 255;

/** Returns Parquet's codecs for one row group. They throw a RangeError if its pages exceed the budget. */
export function boundedCompressors(budget: Budget): Compressors {
  const bounded =
    (decompress: Decompress): Decompress =>
    (input, length) => {
      budget.take(length);
      return decompress(input, length);
    };
  const plausible =
    (decompress: Decompress): Decompress =>
    (input, length) => {
      if (length > (input.length + 1) * MOST_PER_BYTE)
        throw new RangeError(`${input.length} bytes cannot decompress to ${length}`);
      return decompress(input, length);
    };
  const packaged = Object.entries(compressors).flatMap(([codec, decompress]) =>
    decompress === undefined ? [] : [[codec, bounded(codec === 'ZSTD' ? decompress : plausible(decompress))] as const],
  );
  const ofNode: Readonly<Record<string, Decompress>> = {
    GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
    BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
    ...(zstdDecompressSync !== undefined && {
      ZSTD: (input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
    }),
  };
  const own = Object.entries(ofNode).map(([codec, decompress]) => [codec, bounded(decompress)] as const);
  return Object.fromEntries([...packaged, ...own]);
}
