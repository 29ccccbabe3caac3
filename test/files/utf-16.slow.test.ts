import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { attributeFiles, Folder, runCommand } from '../builders/command.ts';
import { grant } from '../builders/trail-records.ts';
import { expectCalm, good, goodEvent, ids } from './good.ts';

/** Returns the text as Windows PowerShell's `>` writes it. With `be`, the bytes of each pair are swapped. */
function utf16(text: string, order: 'le' | 'be'): Buffer {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

const LINES = [good('a'), good('ünïcödé – 日本 😀'), good('b')].join('\r\n');
const PRETTY = JSON.stringify(
  { kind: 'EventList', items: [goodEvent('a'), goodEvent('ünïcödé – 日本 😀'), goodEvent('b')] },
  null,
  4,
);
const CSV = `@timestamp,@message\r\n${['a', 'ünïcödé – 日本 😀', 'b'].map((id) => `x,"${good(id).replaceAll('"', '""')}"`).join('\r\n')}`;

describe.each(['le', 'be'] as const)('UTF-16 with a byte order mark (%s) is read', (order) => {
  it.each<[string, string]>([
    ['lines', LINES],
    ['a document', PRETTY],
    ["a CSV of Logs Insights' answer", CSV],
  ])('as %s, gzipped too, in a file and on standard input', async (_, text) => {
    using folder = new Folder();
    for (const content of [utf16(text, order), gzipSync(utf16(text, order))]) {
      for (const [audit, input] of [[folder.file('audit', content)], ['-', content]] as const) {
        const result = await attributeFiles(folder, { audit: [audit] }, input);
        expectCalm(result);
        expect(ids(result)).toEqual(['a', 'ünïcödé – 日本 😀', 'b']);
        expect(result.rejects).toEqual([]);
      }
    }
  });

  it('as CloudTrail records', async () => {
    using folder = new Folder();
    const trail = utf16(JSON.stringify({ Records: [grant({ id: 'e1' })] }, null, 2), order);
    const result = await attributeFiles(folder, {
      audit: [folder.file('audit', good('a'))],
      cloudtrail: [folder.file('trail.gz', gzipSync(trail))],
    });
    expect(result.records[0]?.attribution.status).toBe('attributed');
  });

  it('as input of doctor', async () => {
    using folder = new Folder();
    const awsAuth =
      'kind: ConfigMap\r\ndata:\r\n  mapRoles: |\r\n    - rolearn: arn:aws:iam::123456789012:role/admin\r\n      username: admin\r\n';
    const plain = await runCommand(['doctor', '--offline', '--aws-auth', folder.file('plain', awsAuth)]);
    expect(plain.output).toContain('admin');
    const file = folder.file('plain', utf16(awsAuth, order));
    expect(await runCommand(['doctor', '--offline', '--aws-auth', file])).toEqual(plain);
    expect(await runCommand(['doctor', '--offline', '--aws-auth', '-'], gzipSync(utf16(awsAuth, order)))).toEqual(
      plain,
    );
  });
});

it('UTF-16 that was cut within a character is read as far as possible', async () => {
  using folder = new Folder();
  const content = utf16(`${good('a')}\n${good('b')}`, 'le').subarray(0, -1);
  const result = await attributeFiles(folder, { audit: [folder.file('audit', content)] });
  expectCalm(result);
  expect(ids(result)).toEqual(['a']);
});
