import { readVarInt } from 'hyparquet/src/thrift.js';

/**
 * Checks before the decoder reads. The decoder trusts each length and count in a file. A changed one would make it
 * allocate gigabytes, or read forever.
 */

/** The types of Thrift's compact protocol (Apache Thrift, "Thrift Compact protocol encoding"). */
const TYPE = { stop: 0, true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, struct: 12 };
/** Limits the levels of structs. Parquet's own have seven. */
const DEEPEST = 16;
/** Limits the bytes of a 64-bit integer, which have seven bits each. */
const LONGEST_INTEGER = 10;

/**
 * Returns where the struct that begins at `start` ends.
 * @throws RangeError if it does not end, is nested too deep, or states lists that are longer than the rest.
 */
export function endOfStruct(view: DataView, start: number, depth = 0): number {
  if (depth > DEEPEST) throw new RangeError('its headers are nested too deep');
  for (let at = start; ; ) {
    const head = view.getUint8(at);
    at += 1;
    const type = head & 0x0f;
    if (type === TYPE.stop) return at;
    if (head >> 4 === 0) at = endOfInteger(view, at); // The field's number follows in full.
    const isInHead = type === TYPE.true || type === TYPE.false;
    if (!isInHead) at = endOfElement(view, at, type, depth);
  }
}

function endOfElement(view: DataView, at: number, type: number, depth: number): number {
  switch (type) {
    case TYPE.true:
    case TYPE.false:
    case TYPE.byte:
      return at + 1;
    case TYPE.i16:
    case TYPE.i32:
    case TYPE.i64:
      return endOfInteger(view, at);
    case TYPE.double:
      return at + 8;
    case TYPE.binary: {
      const end = endOfInteger(view, at);
      return end + within(view, end, lengthAt(view, at));
    }
    case TYPE.list:
      return endOfList(view, at, depth);
    case TYPE.struct:
      return endOfStruct(view, at, depth + 1);
    default:
      throw new RangeError(`its headers have a field of the unknown type ${type}`);
  }
}

function endOfList(view: DataView, start: number, depth: number): number {
  if (depth > DEEPEST) throw new RangeError('its headers are nested too deep');
  const head = view.getUint8(start);
  const isLong = head >> 4 === 15;
  let at = isLong ? endOfInteger(view, start + 1) : start + 1;
  const length = within(view, at, isLong ? lengthAt(view, start + 1) : head >> 4);
  for (let left = length; left > 0; left -= 1) at = endOfElement(view, at, head & 0x0f, depth + 1);
  return at;
}

function lengthAt(view: DataView, offset: number): number {
  return readVarInt({ view, offset });
}

/**
 * Returns the length if there can be as many bytes, or elements of a byte or more.
 * @throws RangeError if there cannot.
 */
function within(view: DataView, at: number, length: number): number {
  if (length >= 0 && at + length <= view.byteLength) return length;
  throw new RangeError(
    `its headers state a length of ${length} where ${Math.max(0, view.byteLength - at)} bytes follow`,
  );
}

function endOfInteger(view: DataView, start: number): number {
  let end = start;
  while ((view.getUint8(end) & 0x80) !== 0) end += 1;
  if (end - start >= LONGEST_INTEGER) throw new RangeError('its headers have an integer without an end');
  return end + 1;
}

/** Limits the padding. Writers fill the last run of packed values up to a whole number of groups. */
const MOST_PADDING = 1_024;

/**
 * Checks runs of values of `width` bits (Apache Parquet, "Run Length Encoding / Bit-Packing Hybrid").
 * @throws RangeError if a run is longer than the values of the page.
 */
export function checkRuns(view: DataView, start: number, width: number, most: number): void {
  const reader = { view, offset: start };
  for (let seen = 0; seen < most && reader.offset < view.byteLength; ) {
    const header = readVarInt(reader);
    const isPacked = (header & 1) === 1;
    const count = isPacked ? (header >>> 1) * 8 : header >>> 1;
    if (count > most - seen + MOST_PADDING) throw new RangeError('a run of values is longer than its page');
    reader.offset += isPacked ? (count * width) / 8 : (width + 7) >> 3;
    seen += count;
  }
}

const LARGEST_BLOCK = 1024 * 1024;

/**
 * Checks integers that are stored as differences (Apache Parquet, "Delta Encoding").
 * @returns where they end.
 * @throws RangeError if they do not follow the format, or are not `count` integers.
 */
export function checkDeltas(view: DataView, start: number, count: number): number {
  const reader = { view, offset: start };
  const [block, miniblocks, stated] = [readVarInt(reader), readVarInt(reader), readVarInt(reader)];
  const size = block / miniblocks;
  if (!(block > 0 && block <= LARGEST_BLOCK && miniblocks > 0 && size % 32 === 0 && stated === count))
    throw new RangeError('its differences have an impossible header');
  let at = endOfInteger(view, reader.offset);
  for (let left = count - 1; left > 0; ) {
    const widths = endOfInteger(view, at);
    at = widths + miniblocks;
    for (let miniblock = 0; miniblock < miniblocks && left > 0; miniblock += 1, left -= size) {
      const width = view.getUint8(widths + miniblock);
      if (width > 64) throw new RangeError('its differences have more than 64 bits');
      at += (size * width) / 8;
    }
  }
  return at;
}
