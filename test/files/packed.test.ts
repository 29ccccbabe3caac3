import { gzipSync } from 'node:zlib';
import { Zip, ZipDeflate, ZipPassThrough, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { bunzip2 } from '../../lib/adapters/files/bunzip2.ts';
import { decodedBytes } from '../../lib/adapters/files/inflate.ts';
import { attributeFiles, Folder } from '../builders/command.ts';
import { readText } from '../builders/read-text.ts';
import { asides, expectCalm, good, ids } from './good.ts';

const A = Buffer.from(`${good('a')}\n`);
const B = Buffer.from(`${good('b')}\n`);

/** A zip that is written to a pipe, with the lengths behind the contents. */
function streamedZip(files: Readonly<Record<string, Uint8Array>>, isDeflated = true): Buffer {
  const pieces: Uint8Array[] = [];
  const zip = new Zip((_, piece) => pieces.push(piece));
  for (const [name, content] of Object.entries(files)) {
    const file = isDeflated ? new ZipDeflate(name) : new ZipPassThrough(name);
    zip.add(file);
    file.push(content, true);
  }
  zip.end();
  return Buffer.concat(pieces);
}

const zip = (files: Readonly<Record<string, Uint8Array>>, level: 0 | 6 = 6) => Buffer.from(zipSync(files, { level }));

/** A file of a tar, with the fields of its header that are read. */
function tarFile(name: string, content: Buffer, type = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(content.length.toString(8).padStart(11, '0'), 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
const END = Buffer.alloc(1024);
const tar = (...files: readonly Buffer[]) => Buffer.concat([...files, END]);

describe('the files of an archive are read, each by itself:', () => {
  const csv = Buffer.from(`timestamp,message\n1,"${good('a').replaceAll('"', '""')}"\n`);
  it.each<[string, Buffer]>([
    ['a zip', zip({ 'a.jsonl': A, 'folder/b.jsonl': B })],
    ['a zip that is not compressed', zip({ 'a.jsonl': A, 'b.jsonl': B }, 0)],
    ['a zip from a pipe', streamedZip({ 'a.jsonl': A, 'b.jsonl': B })],
    ['a zip with folders and files of macOS', zip({ 'x/': Buffer.alloc(0), '__MACOSX/._a': B, a: A, b: B })],
    ['a zip with packed files', zip({ 'a.gz': gzipSync(A), 'b.zip': zip({ b: B }) })],
    ['a CSV and JSON lines', zip({ 'a.csv': csv, 'b.jsonl': B })],
    ['files without a line break at their ends', zip({ a: A.subarray(0, -1), b: B.subarray(0, -1) })],
    ['a tar', tar(tarFile('a', A), tarFile('folder', Buffer.alloc(0), '5'), tarFile('b', B))],
    ['a tar with headers of pax', tar(tarFile('x', Buffer.from('18 path=a\n'), 'x'), tarFile('a', A), tarFile('b', B))],
    ['a tar in gzip', gzipSync(tar(tarFile('a', A), tarFile('b.gz', gzipSync(B))))],
    ['a tar without its end', Buffer.concat([tarFile('a', A), tarFile('b', B)])],
  ])('%s', async (_, bytes) => {
    expect(await readText(bytes)).toEqual({ audit: ['a', 'b'], trail: 0, ignored: {}, rejected: [] });
  });

  it('also byte by byte', async () => {
    for (const bytes of [streamedZip({ a: A, b: B }), tar(tarFile('a', A), tarFile('b', B))]) {
      const each = async function* () {
        for (const byte of bytes) yield Buffer.from([byte]);
      };
      const texts = new Map<string, string>();
      for await (const { bytes: piece, entry = '' } of decodedBytes(each()))
        texts.set(entry, `${texts.get(entry) ?? ''}${piece}`);
      expect([...texts]).toEqual([
        ['a', A.toString()],
        ['b', B.toString()],
      ]);
    }
  });

  it('and rejects name the file behind the archive', async () => {
    using folder = new Folder();
    const path = folder.file('logs.zip', zip({ 'a.jsonl': A, 'b.txt': Buffer.from('hello\n') }));
    const result = await attributeFiles(folder, { audit: [path] });
    expectCalm(result);
    expect(ids(result)).toEqual(['a']);
    expect(result.rejects).toMatchObject([{ file: `${path}/b.txt`, place: 'line 1', reason: 'not-json' }]);
  });
});

describe('a file of an archive that cannot be read is set aside, and the others are read:', () => {
  const changed = (bytes: Buffer, at: number, to: number) => {
    const copy = Buffer.from(bytes);
    copy[at] = to;
    return copy;
  };
  it.each<[string, Buffer, string[]]>([
    ['with a wrong checksum', changed(zip({ a: A, b: B }, 0), 60, 0x20), [`after ${A.length} bytes cut-file`]],
    ['with damaged gzip data', zip({ x: gzipSync(B).subarray(0, 40), b: B }), ['after 0 bytes cut-file']],
    ['that is encrypted', changed(zip({ a: A, b: B }), 6, 1), ['after 0 bytes unreadable-file']],
    ['of another method', changed(zip({ a: A, b: B }), 8, 9), ['after 0 bytes unreadable-file']],
    ['that is xz', zip({ x: Buffer.from('fd377a585a000000', 'hex'), b: B }), ['after 0 bytes unreadable-file']],
    ['that is Parquet', zip({ x: Buffer.from('PAR1PAR1'), b: B }), ['after 0 bytes unreadable-file']],
  ])('%s', async (_, bytes, rejected) => {
    const found = await readText(bytes);
    expect(found.audit.at(-1)).toBe('b');
    expect(found.rejected.at(-1)?.replace(/^line 1 invalid-json$/, '') || found.rejected[0]).toMatch(
      /(cut|unreadable)-file$/,
    );
    expect(found.rejected.filter((reason) => !reason.startsWith('line'))).toEqual(rejected);
  });

  it.each<[string, Buffer]>([
    ['a zip', streamedZip({ a: A, b: B })],
    ['a tar', tar(tarFile('a', A), tarFile('b', Buffer.concat([B, Buffer.alloc(2_000, ' ')])))],
  ])('%s that ends too early', async (_, bytes) => {
    const found = await readText(bytes.subarray(0, bytes.length - 1_100 - (bytes.length > 3_000 ? 1_024 : -900)));
    expect(found.audit[0]).toBe('a');
    expect(found.rejected.some((reason) => reason.endsWith('cut-file'))).toBe(true);
  });
});

describe('what is not unpacked says so:', () => {
  it('something that is packed five times', async () => {
    const packed = [1, 2, 3, 4, 5].reduce((bytes) => gzipSync(bytes), A);
    expect(await readText(packed)).toMatchObject({ audit: [], rejected: ['after 0 bytes nested-too-deep'] });
    expect(await readText([1, 2, 3, 4].reduce((bytes) => gzipSync(bytes), A))).toMatchObject({ audit: ['a'] });
  });

  it.each([
    ['xz', 'fd377a585a00', 'It is packed with xz. Unpack it first: xz -d.'],
    ['7z', '377abcaf271c', 'It is a 7z archive. Unpack it first: 7z x.'],
  ])('%s', async (_, magic, sentence) => {
    using folder = new Folder();
    const path = folder.file('log', Buffer.from(`${magic}0000`, 'hex'));
    const { rejects } = await attributeFiles(folder, { audit: [path] });
    expect(rejects).toMatchObject([{ reason: 'unreadable-file', sample: sentence }]);
    expect(asides({ rejects } as never)).toHaveLength(1);
  });
});

/** 200 million zeros. */
const BOMB = Buffer.from(
  'QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZDgni3wFfjkAAwAAACCAAMIBNRkKgJakKgJcxQVkmU1kOCeLfAV+OQADAAAAIIAAwgE1GQqAlqQqAlzFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZzL/7xgB9osAIwAACAAAIIAAwzAmqaZKkQbVFSIPF3JFOFCQeFqODAA==',
  'base64',
);

describe('bzip2', () => {
  const once = async function* (bytes: Buffer) {
    yield bytes;
  };

  it('is unpacked block by block, however much a few bytes become', async () => {
    const blocks = bunzip2(once(BOMB));
    const first = await blocks.next();
    expect(first.value?.length).toBeLessThan(48 * 1024 * 1024);
    await blocks.return(undefined);
  });

  it.each([
    ['that is cut', BOMB.subarray(0, 30), 'The bzip2 data is cut off: the file ends within it.'],
    ['that is damaged', Buffer.concat([BOMB.subarray(0, 12), Buffer.alloc(40, 0xff)]), 'The bzip2 data is damaged'],
  ])('%s is reported', async (_, bytes, message) => {
    const all = async () => {
      for await (const block of bunzip2(once(bytes))) expect(block).toBeDefined();
    };
    await expect(all).rejects.toThrow(message);
  });
});
