import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unzstd } from '../../lib/adapters/files/unzstd.ts';
import { cases, SEED } from '../builders/chance.ts';

const TEXT = Buffer.from('{"kind":"Event","verb":"delete"}\n'.repeat(40));

function packed(content: Uint8Array, params: Readonly<Record<number, number>> = {}): Buffer {
  return zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: 1, ...params } });
}

/** Returns what is unpacked from pieces of that length, and the error that ends it. */
async function unpacked(bytes: Buffer, piece = Math.max(1, bytes.length)) {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  };
  const blocks: Buffer[] = [];
  try {
    for await (const block of unzstd(pieces())) blocks.push(block);
    return { content: Buffer.concat(blocks), blocks };
  } catch (error) {
    return { content: Buffer.concat(blocks), blocks, error: error instanceof Error ? error.message : error };
  }
}

/** A frame to skip, with that content. */
function skipped(content: string): Buffer {
  const head = Buffer.from('502a4d1800000000', 'hex');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, Buffer.from(content)]);
}

describe('Zstandard is unpacked as Node.js 22 unpacks it:', () => {
  it('texts of any length, at any level, in pieces of any length', async () => {
    const words = fc.array(fc.constantFrom('{"verb":"', 'delete', '"}\n', 'kube-system', '\u0000\u00ff', '7'), {
      maxLength: 30,
    });
    const content = fc.oneof(
      fc
        .tuple(words, fc.integer({ min: 1, max: 20_000 }))
        .map(([some, times]) => Buffer.from(some.join('').repeat(times))),
      fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
    );
    const level = fc.constantFrom(-5, 1, 3, 9, 15, 19);
    await fc.assert(
      fc.asyncProperty(
        content,
        level,
        fc.integer({ min: 1, max: 70_000 }),
        fc.boolean(),
        async (text, at, piece, isChecked) => {
          const bytes = packed(text, {
            [constants.ZSTD_c_compressionLevel]: at,
            [constants.ZSTD_c_checksumFlag]: isChecked ? 1 : 0,
            [constants.ZSTD_c_contentSizeFlag]: piece % 2,
          });
          expect(zstdDecompressSync(bytes).equals(text)).toBe(true);
          const result = await unpacked(bytes, bytes.length > 1_000 ? Math.max(100, piece) : piece);
          expect([result.error, result.content.equals(text)]).toEqual([undefined, true]);
        },
      ),
      { numRuns: cases(40), seed: SEED },
    );
  });

  it('several frames, with frames to skip between them', async () => {
    const bytes = Buffer.concat([skipped(''), packed(TEXT), skipped('index'), packed(Buffer.from('')), packed(TEXT)]);
    for (const piece of [1, 7, bytes.length])
      expect(await unpacked(bytes, piece)).toMatchObject({ content: Buffer.concat([TEXT, TEXT]) });
  });

  it('block by block, however much a few bytes become', async () => {
    const { blocks } = await unpacked(packed(Buffer.alloc(20_000_000)));
    expect(Math.max(...blocks.map(({ length }) => length))).toBeLessThanOrEqual(128 * 1024);
  });
});

describe('what cannot be unpacked says so:', () => {
  const frame = packed(TEXT);
  const changed = (at: number, to: number) =>
    Buffer.concat([frame.subarray(0, at), Buffer.from([to]), frame.subarray(at + 1)]);
  it.each<[string, Buffer, string]>([
    ['a cut header', frame.subarray(0, 5), 'The zstd data is cut off: the file ends within it.'],
    ['a cut block', frame.subarray(0, 30), 'The zstd data is cut off: the file ends within it.'],
    ['a cut frame to skip', skipped('index').subarray(0, 10), 'The zstd data is cut off: the file ends within it.'],
    ['a reserved block', changed(frame.length - 30, 0xff), 'The zstd data is damaged'],
    [
      'other data behind it',
      Buffer.concat([frame, Buffer.from('hello')]),
      'The zstd data is damaged, or other data comes after it.',
    ],
    [
      'a dictionary',
      Buffer.from('28b52ffd2107000000', 'hex'),
      'It is packed with a Zstandard dictionary. Unpack it first: zstd -d -D DICTIONARY.',
    ],
    [
      'a window of 1 GiB',
      Buffer.from('28b52ffd00a0010000', 'hex'),
      'It needs more than 128 MiB to unpack. Unpack it first: zstd -d --long=31.',
    ],
  ])('%s', async (_, bytes, sentence) => {
    expect((await unpacked(bytes)).error).toContain(sentence);
  });

  it.each<[string, Buffer]>([
    ['another checksum', changed(frame.length - 1, (frame.at(-1) ?? 0) ^ 1)],
    ['a cut checksum', frame.subarray(0, -1)],
  ])('%s, after its content', async (_, bytes) => {
    const { content, error } = await unpacked(bytes);
    expect(content.equals(TEXT)).toBe(true);
    expect(error).toMatch(
      /^The zstd data is (damaged: its checksum is another one|cut off: the file ends within it)\.$/,
    );
  });

  it('damage anywhere, unless the content is the same', async () => {
    const bytes = packed(Buffer.from(`${TEXT}${'x'.repeat(300)}${JSON.stringify([...TEXT.keys()])}`));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = Buffer.from(bytes);
        damaged.writeUInt8(damaged.readUInt8(at) ^ flip, at);
        const { content, error } = await unpacked(damaged);
        if (error === undefined) expect(content.equals(zstdDecompressSync(bytes))).toBe(true);
        else expect(error).toMatch(/^The zstd data is |^It (needs|is packed)/);
      }),
      { numRuns: cases(300), seed: SEED },
    );
  });
});
