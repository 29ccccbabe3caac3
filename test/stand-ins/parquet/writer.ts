import { crc32, gzipSync, zstdCompressSync } from 'node:zlib';
import { binary, encodeStruct, i32, i64, list, struct, type ThriftValue, varint } from './thrift.ts';

/** A column that may be absent in any row; `time` is a timestamp in microseconds, written from RFC 3339. */
export type Shape =
  | 'text'
  | 'number'
  | 'boolean'
  | 'time'
  | { readonly fields: Readonly<Record<string, Shape>> }
  | { readonly listOf: Shape }
  | { readonly mapOf: Shape };

export type Codec = 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP' | 'ZSTD';

/** Data pages of the first version with plain values, or of the second with a dictionary for texts and a checksum. */
export type Pages = 'first' | 'second';

const CODECS: Readonly<Record<Codec, number>> = { UNCOMPRESSED: 0, SNAPPY: 1, GZIP: 2, ZSTD: 6 };
const TYPES = { text: 6, number: 2, boolean: 0, time: 2 } as const;
const CONVERTED = { text: 0, number: undefined, boolean: undefined, time: 10 } as const;
const [REQUIRED, OPTIONAL, REPEATED] = [0, 1, 2];

type Leaf = keyof typeof TYPES;

interface Column {
  readonly path: readonly string[];
  readonly leaf: Leaf;
  readonly depth: { readonly definition: number; readonly repetition: number };
  readonly entries: { definition: number; repetition: number; value?: unknown }[];
}

/**
 * Returns a Parquet file of these rows, with a row group for each list of them: plain values, all columns optional,
 * lists and maps in three levels as the format has them (Apache Parquet, "Nested Encoding", LogicalTypes.md). It does
 * only what tests need.
 */
export function parquetFile(
  shape: Readonly<Record<string, Shape>>,
  groups: readonly (readonly object[])[],
  codec: Codec = 'UNCOMPRESSED',
  pages: Pages = 'first',
): Buffer {
  const parts: Buffer[] = [Buffer.from('PAR1')];
  let at = 4;
  const rowGroups = groups.map((rows) => {
    const columns = Object.entries(shape).flatMap(([name, of]) => columnsOf(name, of));
    for (const row of rows)
      for (const [name, of] of Object.entries(shape)) shred(columns, [name], of, valueAt(row, name));
    const chunks = columns.map((column) => {
      const {
        bytes,
        inflated,
        dictionary = 0,
      } = pages === 'first' ? pageOf(column, codec) : secondPagesOf(column, codec);
      const start = at;
      parts.push(bytes);
      at += bytes.length;
      const written = { start, bytes: bytes.length, inflated, dictionary };
      return struct({ 2: i64(start), 3: metadataOf(column, codec, written) });
    });
    const total = columns.reduce((sum, { entries }) => sum + entries.length, 0);
    return struct({ 1: list('struct', chunks), 2: i64(total), 3: i64(rows.length) });
  });
  const rows = groups.reduce((sum, group) => sum + group.length, 0);
  const schema = [
    struct({ 4: binary('event'), 5: i32(Object.keys(shape).length) }),
    ...Object.entries(shape).flatMap((field) => elementsOf(field)),
  ];
  const directory = encodeStruct({ 1: i32(2), 2: list('struct', schema), 3: i64(rows), 4: list('struct', rowGroups) });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(directory.length);
  return Buffer.concat([...parts, directory, length, Buffer.from('PAR1')]);
}

function valueAt(row: object, name: string): unknown {
  return Object.hasOwn(row, name) ? Reflect.get(row, name) : undefined;
}

function elementsOf([name, shape]: readonly [string, Shape], repetition = OPTIONAL): ThriftValue[] {
  if (typeof shape === 'string') {
    const converted = CONVERTED[shape];
    const kind = converted === undefined ? undefined : i32(converted);
    return [struct({ 1: i32(TYPES[shape]), 3: i32(repetition), 4: binary(name), 6: kind })];
  }
  const group = (children: number, converted?: number, repeated = repetition) =>
    struct({
      3: i32(repeated),
      4: binary(name),
      5: i32(children),
      6: converted === undefined ? undefined : i32(converted),
    });
  if ('fields' in shape) {
    const fields = Object.entries(shape.fields);
    return [group(fields.length), ...fields.flatMap((field) => elementsOf(field))];
  }
  const inner = (label: string, children: number) => struct({ 3: i32(REPEATED), 4: binary(label), 5: i32(children) });
  if ('listOf' in shape) return [group(1, 3), inner('list', 1), ...elementsOf(['element', shape.listOf])];
  return [
    group(1, 1),
    inner('key_value', 2),
    ...elementsOf(['key', 'text'], REQUIRED),
    ...elementsOf(['value', shape.mapOf]),
  ];
}

function columnsOf(name: string, shape: Shape, path: readonly string[] = [], definition = 0, repetition = 0): Column[] {
  const here = [...path, name];
  if (typeof shape === 'string')
    return [{ path: here, leaf: shape, depth: { definition: definition + 1, repetition }, entries: [] }];
  if ('fields' in shape)
    return Object.entries(shape.fields).flatMap(([field, of]) =>
      columnsOf(field, of, here, definition + 1, repetition),
    );
  if ('listOf' in shape) return columnsOf('element', shape.listOf, [...here, 'list'], definition + 2, repetition + 1);
  const below = [...here, 'key_value'];
  const key = {
    path: [...below, 'key'],
    leaf: 'text',
    depth: { definition: definition + 2, repetition: repetition + 1 },
  } as const;
  return [{ ...key, entries: [] }, ...columnsOf('value', shape.mapOf, below, definition + 2, repetition + 1)];
}

interface Levels {
  readonly definition: number;
  readonly repetition: number;
}

/** Adds the value to each column below the path, with its levels (Dremel). */
function shred(
  columns: readonly Column[],
  path: readonly string[],
  shape: Shape,
  value: unknown,
  levels: Levels = { definition: 0, repetition: 0 },
): void {
  const { definition } = levels;
  if (value === undefined || value === null) return absent(columns, path, levels);
  if (typeof shape === 'string') {
    const column = columns.find((one) => isSame(one.path, path));
    column?.entries.push({ ...levels, definition: definition + 1, value });
    return;
  }
  if ('fields' in shape) {
    for (const [field, of] of Object.entries(shape.fields))
      shred(columns, [...path, field], of, valueAt(Object(value), field), { ...levels, definition: definition + 1 });
    return;
  }
  shredEach(columns, path, shape, value, levels);
}

function shredEach(
  columns: readonly Column[],
  path: readonly string[],
  shape: Exclude<Shape, string | { readonly fields: unknown }>,
  value: unknown,
  { definition, repetition }: Levels,
): void {
  const entries = 'listOf' in shape ? (value as unknown[]) : Object.entries(Object(value));
  if (entries.length === 0) return absent(columns, path, { repetition, definition: definition + 1 });
  const depth = path.filter((part) => part === 'list' || part === 'key_value').length + 1;
  for (const [index, entry] of entries.entries()) {
    const inner = { definition: definition + 2, repetition: index === 0 ? repetition : depth };
    if ('listOf' in shape) shred(columns, [...path, 'list', 'element'], shape.listOf, entry, inner);
    else {
      const [key, item] = entry as [string, unknown];
      columns.find((one) => isSame(one.path, [...path, 'key_value', 'key']))?.entries.push({ ...inner, value: key });
      shred(columns, [...path, 'key_value', 'value'], shape.mapOf, item, inner);
    }
  }
}

function absent(columns: readonly Column[], path: readonly string[], levels: Levels): void {
  for (const column of columns) if (isSame(column.path.slice(0, path.length), path)) column.entries.push({ ...levels });
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, at) => part === b[at]);
}

interface PagesOfColumn {
  readonly bytes: Buffer;
  readonly inflated: number;
  /** The number of bytes that belong to the dictionary's page. */
  readonly dictionary?: number;
}

/** Returns one data page of the first version, with its levels before its values. */
function pageOf({ entries, depth, leaf }: Column, codec: Codec): PagesOfColumn {
  const there = entries.filter(({ value }) => value !== undefined).map(({ value }) => value);
  const levels = [
    ...(depth.repetition > 0 ? [behindLength(runsOf(entries.map(({ repetition }) => repetition)))] : []),
    behindLength(runsOf(entries.map(({ definition }) => definition))),
  ];
  const plain = Buffer.concat([...levels, plainOf(leaf, there)]);
  const packed = compressed(plain, codec);
  const header = encodeStruct({
    1: i32(0),
    2: i32(plain.length),
    3: i32(packed.length),
    5: struct({ 1: i32(entries.length), 2: i32(0), 3: i32(3), 4: i32(3) }),
  });
  return { bytes: Buffer.concat([header, packed]), inflated: header.length + plain.length };
}

/**
 * Returns a data page of the second version, whose levels are not compressed. For texts, a page with each of them once
 * comes first.
 */
function secondPagesOf({ entries, depth, leaf }: Column, codec: Codec): PagesOfColumn {
  const there = entries.filter(({ value }) => value !== undefined).map(({ value }) => value);
  const texts = leaf === 'text' ? [...new Set(there.map(String))] : [];
  const levels = [
    depth.repetition > 0 ? runsOf(entries.map(({ repetition }) => repetition)) : Buffer.alloc(0),
    runsOf(entries.map(({ definition }) => definition)),
  ] as const;
  const before = levels[0].length + levels[1].length;
  const indexes = () => Buffer.concat([Buffer.from([8]), runsOf(there.map((text) => texts.indexOf(String(text))))]);
  const plain = leaf === 'text' ? indexes() : plainOf(leaf, there);
  const body = Buffer.concat([...levels, compressed(plain, codec)]);
  const header = encodeStruct({
    1: i32(3),
    2: i32(before + plain.length),
    3: i32(body.length),
    4: i32(crc32(body) | 0),
    8: struct({
      1: i32(entries.length),
      2: i32(entries.length - there.length),
      3: i32(entries.filter(({ repetition }) => repetition === 0).length),
      4: i32(leaf === 'text' ? 8 : 0),
      5: i32(levels[1].length),
      6: i32(levels[0].length),
    }),
  });
  const dictionary = leaf === 'text' ? dictionaryOf(texts, codec) : Buffer.alloc(0);
  return {
    bytes: Buffer.concat([dictionary, header, body]),
    inflated: dictionary.length + header.length + before + plain.length,
    dictionary: dictionary.length,
  };
}

function dictionaryOf(texts: readonly string[], codec: Codec): Buffer {
  const plain = plainOf('text', texts);
  const packed = compressed(plain, codec);
  const header = encodeStruct({
    1: i32(2),
    2: i32(plain.length),
    3: i32(packed.length),
    4: i32(crc32(packed) | 0),
    7: struct({ 1: i32(texts.length), 2: i32(0) }),
  });
  return Buffer.concat([header, packed]);
}

/** Returns runs of one value each, in as many bytes as hold any level here: RLE of bits that fill a byte. */
function runsOf(levels: readonly number[]): Buffer {
  return Buffer.concat(levels.map((level) => Buffer.concat([varint(2), Buffer.from([level])])));
}

function behindLength(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

function plainOf(leaf: Leaf, values: readonly unknown[]): Buffer {
  if (leaf === 'boolean') {
    const bits = Buffer.alloc(Math.ceil(values.length / 8));
    for (const [at, value] of values.entries())
      if (value === true) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
    return bits;
  }
  return Buffer.concat(values.map((value) => (leaf === 'text' ? textBytes(String(value)) : integerBytes(leaf, value))));
}

function textBytes(text: string): Buffer {
  const [length, bytes] = [Buffer.alloc(4), Buffer.from(text)];
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function integerBytes(leaf: 'number' | 'time', value: unknown): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(leaf === 'time' ? microsOf(String(value)) : BigInt(Number(value)));
  return bytes;
}

function microsOf(time: string): bigint {
  const micros = /\.(\d{1,6})/.exec(time)?.[1]?.padEnd(6, '0') ?? '0';
  return BigInt(Date.parse(time.replace(/\.\d+/, ''))) * 1_000n + BigInt(micros);
}

function compressed(bytes: Buffer, codec: Codec): Buffer {
  if (codec === 'GZIP') return gzipSync(bytes);
  if (codec === 'ZSTD') return zstdCompressSync(bytes);
  return codec === 'SNAPPY' ? literalSnappy(bytes) : bytes;
}

/** Returns Snappy data without any copies (google/snappy, format_description.txt). */
function literalSnappy(bytes: Buffer): Buffer {
  if (bytes.length === 0) return varint(0);
  const length = Buffer.alloc(5, 63 << 2);
  length.writeUInt32LE(bytes.length - 1, 1);
  return Buffer.concat([varint(bytes.length), length, bytes]);
}

interface WrittenPage {
  readonly start: number;
  readonly bytes: number;
  readonly inflated: number;
  readonly dictionary: number;
}

function metadataOf(
  { path, leaf, entries }: Column,
  codec: Codec,
  { start, bytes, inflated, dictionary }: WrittenPage,
): ThriftValue {
  return struct({
    1: i32(TYPES[leaf]),
    2: list('i32', [i32(0), i32(3)]),
    3: list('binary', path.map(binary)),
    4: i32(CODECS[codec]),
    5: i64(entries.length),
    6: i64(inflated),
    7: i64(bytes),
    9: i64(start + dictionary),
    11: dictionary === 0 ? undefined : i64(start),
  });
}
