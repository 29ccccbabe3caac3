import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { attributeFiles, Folder } from '../builders/command.ts';
import { looksPerByte, repeated } from '../builders/framed.ts';
import { expectCalm, good, ids } from './good.ts';

const KIBIBYTE = 1024;

/** The maximum number of times that each byte is read: by the search for the line's end, as text, as JSON, for its brackets … */
const MOST_LOOKS = 32;

const HOSTILE: readonly [string, string, string?][] = [
  ['values that were cut, between tabs', '{"a\t'],
  ['brackets, a line each', '{\n'],
  ['empty values, a line each', '{}\n'],
  ['damaged values, one behind the other', '{x}'],
  ['values that begin within values, between tabs', '{"a":\t'],
  ['values that begin within values behind an escape', '{"a":\\\t'],
  ['lists, a line each', '[\n'],
  ['brackets with other line ends', '{\r\n'],
  ['brackets and blank lines', '\n\n{'],
  ['lists of envelopes that nothing closes', '\t{"Records":[['],
  ['times that begin no line', '{\n 2026-03-10T12:00:00Z '],
  ['arrays behind what is no JSON', '"Records":[1],', '{x,'],
  ['fields before an array', '"a":"b",', '{'],
  [
    'elements behind many fields',
    '1,',
    `{${Array.from({ length: 1_000 }, (_, at) => `"k${at}":"v",`).join('')}"Records":[`,
  ],
  ['rows of a CSV whose header is long', 'x\n', `${repeated('a,', 16 * KIBIBYTE)}@message\n`],
  ['rows of a CSV with a quote that nothing closes', 'x,"a""b"\n', '@timestamp,@message\nx,"\n'],
];

describe('each byte is read only a few times, whatever the length, in a file of', () => {
  it.each(HOSTILE)('%s', (_, piece, head = '') => {
    for (const length of [8, 64]) {
      const text = head + repeated(piece, length * KIBIBYTE);
      expect(looksPerByte(text)).toBeLessThan(MOST_LOOKS);
      expect(looksPerByte(text, 1_000)).toBeLessThan(MOST_LOOKS);
    }
  });
});

describe('the good records around it are still read in a file with 64 KiB of', () => {
  it.each(HOSTILE.slice(0, 9))('%s', async (_, piece) => {
    using folder = new Folder();
    const content = `${good('a')}\n${repeated(piece, 64 * KIBIBYTE)}\n${good('b')}\n`;
    const result = await attributeFiles(folder, { audit: [folder.file('audit.gz', gzipSync(content))] });
    expectCalm(result);
    expect(ids(result)).toEqual(['a', 'b']);
  });
});

it('values after damaged ones, between tabs, are all read', async () => {
  using folder = new Folder();
  const line = `{"cut\t${good('a')}\t`.repeat(1_000);
  const result = await attributeFiles(folder, { audit: [folder.file('audit.jsonl', `${line}\n${good('b')}\n`)] });
  expect(ids(result)).toEqual(['a', 'b']);
});
