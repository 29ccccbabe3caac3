import { describe, expect, it } from 'vitest';
import { checkDeltas, checkRuns, endOfStruct } from '../../lib/adapters/parquet/well-formed.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { attributeFiles, Folder } from '../builders/command.ts';
import { lakeAudit, lakeFile } from '../builders/security-lake.ts';
import { encodeStruct, i32, varint } from '../stand-ins/parquet/thrift.ts';

const viewOf = (...bytes: readonly (number | Buffer)[]) => {
  const all = Buffer.concat(bytes.map((each) => (typeof each === 'number' ? Buffer.from([each]) : each)));
  return new DataView(new Uint8Array(all).buffer);
};

/** A field of this type with the next number; of a list its elements' type and that the length follows. */
const FIELD = { list: 0x19, binary: 0x18, i64: 0x16, struct: 0x1c } as const;
/** A number whose field's own number stands behind it. */
const FIELD_IN_FULL = 0x05;
const LONG_LIST_OF = { i32: 0xf5 } as const;

describe("a header of Parquet's", () => {
  it('ends after its last field', () => {
    expect(endOfStruct(viewOf(encodeStruct({ 1: i32(7), 9: i32(-1) }), 0xff), 0)).toBe(5);
    expect(endOfStruct(viewOf(FIELD_IN_FULL, varint(40 * 2), 1, 0, 0xff), 0)).toBe(4);
  });

  it.each([
    ['a list of a billion numbers', [FIELD.list, LONG_LIST_OF.i32, varint(2 ** 30), 0], 'a length of 1073741824'],
    ['a list of a negative length', [FIELD.list, LONG_LIST_OF.i32, varint(2 ** 31), 0], 'a length of -2147483648'],
    ['a text of a billion bytes', [FIELD.binary, varint(2 ** 30), 0], 'a length of 1073741824'],
    ['an integer of a megabyte', [FIELD.i64, Buffer.alloc(2 ** 20, 0xff), 0, 0], 'an integer without an end'],
    ['a million structs, each in the one before', [Buffer.alloc(2 ** 20, FIELD.struct)], 'nested too deep'],
    ['a million lists, each in the one before', [FIELD.list, Buffer.alloc(2 ** 20, 0x19)], 'nested too deep'],
    ['an end before its end', [FIELD.i64], 'outside the bounds'],
  ] as const)('is refused with %s', (_, bytes, reason) => {
    expect(() => endOfStruct(viewOf(...bytes), 0)).toThrow(reason);
  });
});

describe('runs of values', () => {
  it('may fill their last group', () => {
    expect(() => checkRuns(viewOf(varint(3 * 2), 1, varint(1 * 2 + 1), 0xff), 0, 1, 5)).not.toThrow();
  });

  it.each([
    ['one value a billion times', varint(2 ** 30), 1],
    ['packed values that take no bits, a billion of them', varint(2 ** 30 + 1), 0],
    ['more packed values than a number can count', varint(2 ** 32 - 1), 0],
  ])('are refused if they state %s', (_, header, width) => {
    expect(() => checkRuns(viewOf(header, 0), 0, width, 100)).toThrow('longer than its page');
  });
});

describe('values as differences', () => {
  it.each([
    ['blocks of no values', [0, 4, 5, 0]],
    ['blocks of a negative number of values', [varint(2 ** 31), 4, 5, 0]],
    ['no parts of a block', [varint(128), 0, 5, 0]],
    ['a negative number of them', [varint(128), varint(2 ** 31), 5, 0]],
    ['another number of values than the page', [varint(128), 4, 6, 0]],
  ] as const)('are refused with %s', (_, bytes) => {
    expect(() => checkDeltas(viewOf(...bytes, 0, 0, 0, 0, 0, 0), 0, 5)).toThrow('an impossible header');
  });
});

describe('a file that states far more content than it has', () => {
  it.each([
    ['rows', 2 ** 30, 'states 1073741824 rows'],
    ['more rows than bytes', 2 ** 20, 'states 1048576 rows in '],
    ['more rows than its columns', 4, 'has 1 of 4 rows'],
  ])('of %s is one reject', async (_, rows, reason) => {
    using folder = new Folder();
    const bytes = lakeFile([[lakeAudit(auditEvent())]], 'UNCOMPRESSED');
    const end = bytes.length - 8; // the directory ends with the row group's number of rows, and two ends of structs
    const head = Buffer.concat([bytes.subarray(0, end - 3), varint(rows * 2), Buffer.from([0, 0])]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.readUInt32LE(end) + head.length - end);
    const file = folder.file('1', Buffer.concat([head, length, Buffer.from('PAR1')]));
    const { status, rejects } = await attributeFiles(folder, { audit: [file] });
    expect(status).toBe(1);
    expect(rejects).toMatchObject([{ file, place: 'row group 1', reason: 'damaged-parquet' }]);
    expect(rejects[0]?.sample).toContain(reason);
  });
});

it('a name that was changed under the checksum of its page names nobody: the row group is one reject', async () => {
  using folder = new Folder();
  const rows = [lakeAudit(auditEvent({ user: roleUser({ session: 'alice' }) }))];
  const bytes = lakeFile([rows], 'UNCOMPRESSED', 'second');
  const changed = Buffer.from(bytes.toString('latin1').replaceAll('alice', 'mally'), 'latin1');
  expect(changed.equals(bytes)).toBe(false);
  const file = folder.file('1', changed);
  const { records, rejects } = await attributeFiles(folder, { audit: [file] });
  expect(records).toEqual([]);
  expect(rejects).toMatchObject([{ file, reason: 'damaged-parquet' }]);
  expect(rejects[0]?.sample).toContain('checksum of a page is wrong');
});
