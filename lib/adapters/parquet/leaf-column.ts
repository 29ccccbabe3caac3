import { crc32 } from 'node:zlib';
import type {
  ColumnMetaData,
  Compressors,
  DataReader,
  DecodedArray,
  Encoding,
  PageHeader,
  ParquetParsers,
  SchemaTree,
} from 'hyparquet';
import { assembleLists } from 'hyparquet/src/assemble.js';
import { parquetHeader } from 'hyparquet/src/column.js';
import { convert } from 'hyparquet/src/convert.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js';
import type { Budget } from './budget.ts';
import { checkDeltas, checkRuns, endOfStruct } from './well-formed.ts';

/** A column of values in one row group, as the file has it. */
export interface ColumnChunk {
  readonly bytes: Uint8Array;
  readonly meta: ColumnMetaData;
  /** The path in the schema, from the root to the column. */
  readonly path: SchemaTree[];
  readonly parsers: ParquetParsers;
  readonly compressors: Compressors;
  readonly budgets: Budgets;
}

/** The limits for all columns of a row group together. */
export interface Budgets {
  readonly bytes: Budget;
  readonly values: Budget;
}

/**
 * The levels of each entry of a page (Dremel). They say how much of its path is present, and from which depth it
 * repeats.
 */
interface Levels {
  readonly definitions: Uint8Array;
  readonly repetitions: Uint8Array;
}

interface Page extends Levels {
  readonly values: DecodedArray;
}

/** The rows of one column. They are taken in order. */
export class LeafColumn {
  readonly rows: number;
  readonly #path: SchemaTree[];
  readonly #deepest: number;
  readonly #pages: readonly Page[];
  #page = 0;
  #entry = 0;
  #value = 0;

  /**
   * Reads all pages of the column.
   * @throws any error if the bytes do not follow the format. It starts no promise that could fail later.
   */
  constructor(chunk: ColumnChunk) {
    this.#path = chunk.path;
    this.#deepest = getMaxDefinitionLevel(chunk.path);
    this.#pages = pagesOf(chunk);
    this.rows = this.#pages.reduce((sum, { repetitions }) => sum + countOf(repetitions, 0), 0);
    const first = this.#pages.find(({ repetitions }) => repetitions.length > 0);
    if (first !== undefined && first.repetitions[0] !== 0) throw new RangeError('a column begins within a row');
  }

  /** Returns the entries of the next rows, as nested lists. */
  take(rows: number): DecodedArray {
    const next: RowEntries = { definitions: [], repetitions: [], values: [] };
    let left = rows;
    for (let page = this.#pages[this.#page]; page !== undefined; page = this.#turnPage()) {
      left = this.#takeOf(page, left, next);
      if (left < 0) break;
    }
    if (next.definitions.length === 0) return [];
    return assembleLists([], next.definitions, next.repetitions, next.values, this.#path);
  }

  /**
   * Takes entries of the page. Returns how many rows are still to be taken. A negative number says that it stopped
   * where a further row begins.
   */
  #takeOf(page: Page, rows: number, next: RowEntries): number {
    let left = rows;
    for (; this.#entry < page.repetitions.length; this.#entry += 1) {
      const [definition = 0, repetition = 0] = [page.definitions[this.#entry], page.repetitions[this.#entry]];
      if (repetition === 0) left -= 1;
      if (left < 0) return left;
      next.definitions.push(definition);
      next.repetitions.push(repetition);
      if (definition !== this.#deepest) continue;
      next.values.push(page.values[this.#value]);
      this.#value += 1;
    }
    return left;
  }

  #turnPage(): Page | undefined {
    this.#page += 1;
    this.#entry = 0;
    this.#value = 0;
    return this.#pages[this.#page];
  }
}

interface RowEntries {
  readonly definitions: number[];
  readonly repetitions: number[];
  readonly values: unknown[];
}

function countOf(levels: Uint8Array, level: number): number {
  let count = 0;
  for (const each of levels) if (each === level) count += 1;
  return count;
}

function pagesOf(chunk: ColumnChunk): readonly Page[] {
  const { bytes } = chunk;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pages: Page[] = [];
  let dictionary: DecodedArray | undefined;
  for (let at = 0; at < bytes.length - 1; ) {
    const start = endOfStruct(view, at);
    const header = parquetHeader({ view, offset: at });
    at = start + lengthOf(header.compressed_page_size);
    if (at > bytes.length) throw new RangeError('a page reaches beyond its column');
    const packed = bytes.subarray(start, at);
    if (header.crc !== undefined && crc32(packed) !== header.crc >>> 0)
      throw new RangeError('the checksum of a page is wrong');
    if (header.type === 'DICTIONARY_PAGE') dictionary = dictionaryOf(packed, header, chunk);
    else if (header.type !== 'INDEX_PAGE') pages.push(pageOf(packed, header, dictionary, chunk));
  }
  return pages;
}

/**
 * Returns a length that the file states.
 * @throws RangeError if it is no length.
 */
function lengthOf(stated: unknown): number {
  if (typeof stated === 'number' && stated >= 0) return stated;
  throw new RangeError(`${String(stated)} is not a valid length`);
}

/** Decompresses into memory of its own. So damaged data cannot expose neighboring bytes. */
function inflated(packed: Uint8Array, length: number, { meta, compressors, budgets }: ColumnChunk): DataView {
  if (meta.codec === 'UNCOMPRESSED') budgets.bytes.take(length);
  return new DataView(new Uint8Array(decompressPage(packed, length, meta.codec, compressors)).buffer);
}

function dictionaryOf(packed: Uint8Array, header: PageHeader, chunk: ColumnChunk): DecodedArray {
  const view = inflated(packed, lengthOf(header.uncompressed_page_size), chunk);
  const entries = lengthOf(header.dictionary_page_header?.num_values);
  if (entries > view.byteLength * 8) throw new RangeError('a dictionary is longer than its page');
  return converted(readPlain({ view, offset: 0 }, chunk.meta.type, entries, undefined), chunk);
}

function pageOf(
  packed: Uint8Array,
  header: PageHeader,
  dictionary: DecodedArray | undefined,
  chunk: ColumnChunk,
): Page {
  const length = lengthOf(header.uncompressed_page_size);
  const { data_page_header: first, data_page_header_v2: second } = header;
  if (header.type === 'DATA_PAGE' && first !== undefined) {
    const reader = { view: inflated(packed, length, chunk), offset: 0 };
    const levels = levelsOf(reader, lengthOf(first.num_values), chunk);
    return { ...levels, values: valuesOf(reader, levels, { encoding: first.encoding, dictionary, chunk }) };
  }
  if (header.type !== 'DATA_PAGE_V2' || second === undefined) throw new RangeError('a page is of an unknown type');
  const repeated = lengthOf(second.repetition_levels_byte_length);
  const before = repeated + lengthOf(second.definition_levels_byte_length);
  if (before > Math.min(packed.length, length)) throw new RangeError('the levels of a page reach beyond it');
  const head = { view: new DataView(new Uint8Array(packed.subarray(0, before)).buffer), offset: 0 };
  const levels = levelsOf(head, lengthOf(second.num_values), chunk, [repeated, before - repeated]);
  const isPlain = second.is_compressed === false || length === before;
  const view = isPlain
    ? new DataView(new Uint8Array(packed.subarray(before)).buffer)
    : inflated(packed.subarray(before), length - before, chunk);
  return { ...levels, values: valuesOf({ view, offset: 0 }, levels, { encoding: second.encoding, dictionary, chunk }) };
}

/**
 * Reads the levels before a page's values. Each list of levels follows its length, unless the header states the
 * lengths.
 */
function levelsOf(
  reader: DataReader,
  entries: number,
  { path, budgets }: ColumnChunk,
  lengths: readonly number[] = [],
): Levels {
  budgets.values.take(entries);
  const [repeated, defined] = lengths;
  const repetitions = readLevels(reader, getMaxRepetitionLevel(path), entries, repeated);
  return { repetitions, definitions: readLevels(reader, getMaxDefinitionLevel(path), entries, defined) };
}

function readLevels(reader: DataReader, highest: number, entries: number, length: number | undefined): Uint8Array {
  const levels = new Uint8Array(entries);
  if (highest === 0) return levels;
  const width = 32 - Math.clz32(highest);
  checkRuns(reader.view, length === undefined ? reader.offset + 4 : reader.offset, width, entries);
  readRleBitPackedHybrid(reader, width, levels, length);
  if (levels.some((level) => level > highest)) throw new RangeError('a level is deeper than its column');
  return levels;
}

interface ValueCoding {
  readonly encoding: Encoding;
  readonly dictionary: DecodedArray | undefined;
  readonly chunk: ColumnChunk;
}

function valuesOf(
  reader: DataReader,
  { definitions }: Levels,
  { encoding, dictionary, chunk }: ValueCoding,
): DecodedArray {
  const count = countOf(definitions, getMaxDefinitionLevel(chunk.path));
  if (count === 0) return [];
  const { type } = chunk.meta;
  switch (encoding) {
    case 'PLAIN':
      return converted(readPlain(reader, type, count, undefined), chunk);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return dictionaryValues(reader, count, dictionary);
    case 'RLE':
      return Array.from(runsOf(reader, type === 'BOOLEAN' ? 1 : undefined, count), (bit) => bit === 1);
    case 'DELTA_BINARY_PACKED':
      return converted(integersOf(reader, type, count), chunk);
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY':
      return converted(textsOf(reader, encoding, count, chunk), chunk);
    default:
      throw new RangeError(`values in the encoding ${encoding} are not supported`);
  }
}

function converted(values: DecodedArray, { path, parsers, meta }: ColumnChunk): DecodedArray {
  const element = path.at(-1)?.element;
  if (element === undefined) throw new RangeError('a column has no element in the schema');
  return convert(values, { ...meta, pathInSchema: meta.path_in_schema, element, schemaPath: path, parsers });
}

/** Limits the bits of a dictionary index. With more, the dictionary's page would be larger than its row group. */
const WIDEST_INDEX = 24;

function dictionaryValues(reader: DataReader, count: number, dictionary: DecodedArray | undefined): DecodedArray {
  if (dictionary === undefined) throw new RangeError('a page refers to a dictionary that does not exist');
  const width = reader.view.getUint8(reader.offset);
  if (width > WIDEST_INDEX) throw new RangeError(`a page has dictionary indexes of ${width} bits`);
  const indexes = new Uint32Array(count);
  if (width > 0) {
    checkRuns(reader.view, reader.offset + 1, width, count);
    readRleBitPackedHybrid({ view: reader.view, offset: reader.offset + 1 }, width, indexes, 0);
  }
  if (indexes.some((index) => index >= dictionary.length))
    throw new RangeError('a page refers to a dictionary entry that does not exist');
  return Array.from(indexes, (index): unknown => dictionary[index]);
}

/** Reads booleans, which follow their length. */
function runsOf(reader: DataReader, width: number | undefined, count: number): Uint8Array {
  if (width === undefined) throw new RangeError('values in the encoding RLE are not supported, except booleans');
  const values = new Uint8Array(count);
  checkRuns(reader.view, reader.offset + 4, width, count);
  readRleBitPackedHybrid(reader, width, values);
  return values;
}

function integersOf(reader: DataReader, type: ColumnMetaData['type'], count: number): DecodedArray {
  if (type !== 'INT32' && type !== 'INT64')
    throw new RangeError(`differences between values of ${type} are not supported`);
  checkDeltas(reader.view, reader.offset, count);
  const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
  deltaBinaryUnpack(reader, count, values);
  return values;
}

function textsOf(
  reader: DataReader,
  encoding: 'DELTA_LENGTH_BYTE_ARRAY' | 'DELTA_BYTE_ARRAY',
  count: number,
  { meta, budgets }: ColumnChunk,
): DecodedArray {
  if (meta.type !== 'BYTE_ARRAY') throw new RangeError(`values of ${meta.type} are encoded as texts`);
  const end = checkDeltas(reader.view, reader.offset, count);
  const values: Uint8Array[] = [];
  if (encoding === 'DELTA_LENGTH_BYTE_ARRAY') {
    deltaLengthByteArray(reader, count, values);
    return values;
  }
  const prefixes = new Int32Array(count);
  deltaBinaryUnpack({ view: reader.view, offset: reader.offset }, count, prefixes);
  for (const prefix of prefixes) budgets.bytes.take(prefix); // Each prefix is copied.
  checkDeltas(reader.view, end, count);
  deltaByteArray(reader, count, values);
  return values;
}
