import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gunzip, gunzipAtOnce } from '../../lib/adapters/files/gunzip.ts';
import { PackedDataError } from '../../lib/adapters/files/inflater.ts';

const FIRST = gzipSync(Array.from({ length: 5_000 }, (_, at) => `event ${(at * 7_919) % 10_007}`).join('\n'));
const SECOND = gzipSync('world');
const ZEROS = Buffer.alloc(70_000);

/** Returns the decompressed bytes, and the message of the error after them, if any. */
async function inflated(compressed: Buffer, length?: number): Promise<[content: string, flaw: string | undefined]> {
  const found: Buffer[] = [];
  try {
    for await (const bytes of gunzip(pieces(compressed), length)) found.push(Buffer.from(bytes));
  } catch (error) {
    if (!(error instanceof PackedDataError)) throw error;
    return [Buffer.concat(found).toString(), error.message];
  }
  return [Buffer.concat(found).toString(), undefined];
}

/** One buffer serves them all, as of a file. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(10_000);
  for (let at = 0; at < bytes.length; at += buffer.length)
    yield buffer.subarray(0, bytes.copy(buffer, 0, at, at + buffer.length));
}

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 0xff, at);
  return copy;
}

const SOUND: readonly (readonly [string, Buffer])[] = [
  ['one member', FIRST],
  ['two members', Buffer.concat([FIRST, SECOND])],
  ['nothing in it', gzipSync('')],
];
const ODD: readonly (readonly [string, Buffer])[] = [
  ['padding', Buffer.concat([FIRST, ZEROS])],
  ['padding between', Buffer.concat([FIRST, ZEROS, SECOND])],
  ['something else behind it', Buffer.concat([FIRST, Buffer.from('else')])],
  ['something else behind padding', Buffer.concat([FIRST, ZEROS, Buffer.from('else')])],
  ['the beginning of another', Buffer.concat([FIRST, SECOND.subarray(0, 1)])],
  ['half of another', Buffer.concat([FIRST, SECOND.subarray(0, -9)])],
  ['a cut', FIRST.subarray(0, FIRST.length / 2)],
  ['a cut in its checksum', FIRST.subarray(0, -3)],
  ['a wrong checksum', Buffer.concat([changed(FIRST, FIRST.length - 8), SECOND])],
  ['a wrong length', changed(FIRST, FIRST.length - 1)],
  ['a wrong header', changed(FIRST, 2)],
  ['damage', changed(FIRST, FIRST.length - 300)],
  ['the first bytes alone', FIRST.subarray(0, 2)],
];

describe('gzip that is short enough is inflated at once, with the same result and errors as in pieces', () => {
  it.each([...SOUND, ...ODD])('with %s', async (_, compressed) => {
    expect(await inflated(compressed, compressed.length)).toEqual(await inflated(compressed));
  });

  it.each(SOUND)('at once, with %s', (_, compressed) => {
    expect(gunzipAtOnce(compressed)).toBeDefined();
  });

  it.each(ODD)('not at once, with %s', (_, compressed) => {
    expect(gunzipAtOnce(compressed)).toBeUndefined();
  });

  it('not at once if it inflates to more than the limit, whatever length it states', () => {
    const bomb = gzipSync(Buffer.alloc(17 * 1024 * 1024));
    expect(gunzipAtOnce(bomb)).toBeUndefined();
    expect(gunzipAtOnce(Buffer.concat([bomb, SECOND]))).toBeUndefined();
  });
});
