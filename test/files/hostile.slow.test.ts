import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, deflateRawSync, gunzipSync, gzipSync, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { attributeFiles, Folder } from '../builders/command.ts';
import { asides, expectCalm, good, goodEvent, ids } from './good.ts';

const MEBIBYTE = 1024 * 1024;

async function attributed(content: string | Buffer, name = 'audit.jsonl') {
  using folder = new Folder();
  const result = await attributeFiles(folder, { audit: [folder.file(name, content)] });
  expectCalm(result);
  return result;
}

describe('the good records around it are still read in a file with', () => {
  it('a line of 50 MiB of text', async () => {
    const result = await attributed(`${good('a')}\n${'x'.repeat(50 * MEBIBYTE)}\n${good('b')}\nnothing\n`);
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result)).toEqual([
      ['line 2', 'too-long'],
      ['line 4', 'not-json'],
    ]);
  });

  it('an audit event of 70 MiB', async () => {
    const huge = good('huge', { requestObject: { data: `TOPSECRET${'x'.repeat(70 * MEBIBYTE)}` } });
    const result = await attributed(`${good('a')}\n${huge}\n${good('b')}\nnothing\n`);
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result)).toEqual([
      ['line 2', 'too-long'],
      ['line 4', 'not-json'],
    ]);
    expect(result.rejects[0]?.sample).toContain('"auditID":"huge"');
  });

  it('a document of 20 MiB with too many values', async () => {
    const result = await attributed(`${good('a')}\n{"a":[${'{},'.repeat(7 * MEBIBYTE)}0]}\n${good('b')}\n`);
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result)).toEqual([['line 2', 'too-long']]);
  });

  it('an audit event of 5 MiB, which is read', async () => {
    const large = good('large', { requestObject: { data: 'x'.repeat(5 * MEBIBYTE) } });
    expect(ids(await attributed(`${good('a')}\n${large}\n${good('b')}\n`))).toEqual(['a', 'large', 'b']);
  });

  it.each([
    ['lists', '['.repeat(100_000) + ']'.repeat(100_000), 'nested-too-deep'],
    ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'unrecognized'],
    ['envelopes', '{"Records":['.repeat(100_000) + ']}'.repeat(100_000), 'nested-too-deep'],
    ['lists that nothing closes', '['.repeat(100_000), 'invalid-json'],
  ])('nesting 100,000 deep: %s', async (_, nested, reason) => {
    const result = await attributed(`${good('a')}\n${nested}\n${good('b')}\n`);
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result)).toEqual([[expect.stringMatching(/^line 2/), reason]]);
  });

  it('nesting 100,000 deep within an audit event, which is read', async () => {
    const deep = good('deep').replace(
      '"kind"',
      `"requestObject":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)},"kind"`,
    );
    expect(ids(await attributed(`${good('a')}\n${deep}\n${good('b')}\n`))).toEqual(['a', 'deep', 'b']);
  });

  it('invalid UTF-8', async () => {
    const bad = Buffer.concat([
      Buffer.from('{"auditID":"'),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28]),
      Buffer.from('","user":{}}'),
    ]);
    const result = await attributed(Buffer.concat([Buffer.from(`${good('a')}\n`), bad, Buffer.from(`\n${good('b')}`)]));
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result)).toEqual([['line 2', 'invalid-utf-8']]);
  });

  it('invalid UTF-8 in one record of a document', async () => {
    const text = JSON.stringify({ items: [goodEvent('a'), goodEvent('BAD'), goodEvent('b')] }, null, 2);
    const [head = '', tail = ''] = text.split('BAD');
    const result = await attributed(Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from(tail)]));
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result)).toEqual([['line 1, items[1]', 'invalid-utf-8']]);
  });

  it('NUL bytes, of a disk that was full', async () => {
    const result = await attributed(`${good('a')}\n${'\0'.repeat(4_096)}\n${good('b')}\n`);
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result)).toEqual([['line 2', 'not-json']]);
  });

  it('an audit entry that was cut at 1 MB', async () => {
    const cut = good('cut', { requestObject: { data: `TOPSECRET${'x'.repeat(2 * MEBIBYTE)}` } }).slice(0, MEBIBYTE);
    const result = await attributed([good('a'), cut, good('b'), cut, ''].join('\n'));
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result)).toEqual([
      ['line 2', 'invalid-json'],
      ['line 4', 'invalid-json'],
    ]);
  });

  it.each([10, 60, 100, 200, 300, 400, 500])('a subscription payload that was cut after %i bytes', async (length) => {
    const payload = JSON.stringify({
      messageType: 'DATA_MESSAGE',
      logGroup: '/aws/eks/prod/cluster',
      logStream: 'kube-apiserver-audit-0',
      logEvents: [{ id: '1', timestamp: 1, message: good('cut').repeat(3) }],
    });
    const result = await attributed(`${good('a')}\n${payload.slice(0, length)}\n${good('b')}\n${good('c')}\n`);
    expect(ids(result)).toEqual(['a', 'b', 'c']);
    expect(result.rejects).toHaveLength(1);
    expect(result.rejects[0]?.place).toMatch(/^line 2/);
  });

  it('__proto__ and constructor for keys', async () => {
    const odd = `{"auditID":"odd","__proto__":{"auditID":"x","user":{}},"user":{"__proto__":{"uid":"x"},"constructor":{"a":1},"username":"alice","extra":{"__proto__":["ASIAFORGED0000000001"]}}}`;
    const envelope = `{"__proto__":{"Records":[]},"toString":1}`;
    const result = await attributed(
      `${good('a')}\n${odd}\n${envelope}\n{"hasOwnProperty":{},"items":[${good('b')}]}\n`,
    );
    expect(ids(result)).toEqual(['a', 'odd', 'b']);
    expect(result.records[1]?.caller).toEqual({ kind: 'kubernetes-user', username: 'alice' });
    expect(asides(result)).toEqual([['line 3', 'unrecognized']]);
  });

  it('events that lack required fields', async () => {
    const lines = [good('a'), '{"auditID":7,"user":{}}', '{"auditID":"x"}', '{"auditID":"x","user":[]}', good('b')];
    const result = await attributed(lines.join('\n'));
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result).map(([, reason]) => reason)).toEqual([
      'audit-event-without-auditID',
      'audit-event-without-user',
      'audit-event-without-user',
    ]);
  });
});

describe('compressed', () => {
  it('a bomb of 600 MiB is abandoned, and the other files are read', async () => {
    using folder = new Folder();
    const zeros = Readable.from(Array.from({ length: 600 }, () => Buffer.alloc(MEBIBYTE)));
    await pipeline(zeros, createGzip({ level: 9 }), createWriteStream(folder.at('bomb.gz')));
    folder.file('a.jsonl', good('a'));
    folder.file('c.jsonl.gz', gzipSync(good('c')));
    const result = await attributeFiles(folder, {
      audit: ['a.jsonl', 'bomb.gz', 'c.jsonl.gz'].map((name) => folder.at(name)),
    });
    expectCalm(result);
    expect(ids(result)).toEqual(['a', 'c']);
    expect(asides(result).map(([, reason]) => reason)).toEqual(['too-long', 'inflates-too-far']);
  });

  it('a bomb in a subscription payload is set aside', async () => {
    const data = gzipSync(Buffer.alloc(200 * MEBIBYTE)).toString('base64');
    const result = await attributed(`${good('a')}\n${JSON.stringify({ awslogs: { data } })}\n${good('b')}`);
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result)).toEqual([['line 2', 'inflates-too-far']]);
  });

  it('a file that was cut is read as far as possible', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => good(`a${at}-${(at * 7_919) % 10_007}`));
    const whole = gzipSync(`${lines.join('\n')}\n`);
    const cut = whole.subarray(0, Math.floor(whole.length * 0.6));
    const reachable = gunzipSync(cut, { finishFlush: constants.Z_SYNC_FLUSH }).toString('utf8').split('\n').length - 1;
    const result = await attributed(cut, 'audit.gz');
    expect(result.records.length).toBe(reachable);
    expect(result.rejects.map(({ reason }) => reason)).toContain('cut-file');
  });

  it('a file with damaged bytes is read as far as possible', async () => {
    const whole = gzipSync(Array.from({ length: 5_000 }, (_, at) => good(`a${at}`)).join('\n'));
    whole.fill(0xff, Math.floor(whole.length * 0.7), Math.floor(whole.length * 0.7) + 50);
    const result = await attributed(whole, 'audit.gz');
    expect(result.rejects.map(({ reason }) => reason)).toContain('cut-file');
  });

  it('a file that was cut within its checksum gives all of its records', async () => {
    const whole = gzipSync([...Array(5_000).keys()].map((at) => good(`a${at}`)).join('\n'));
    const result = await attributed(whole.subarray(0, -3), 'audit.gz');
    expect(result.records.length).toBe(5_000);
    expect(result.rejects.map(({ reason, sample }) => [reason, sample])).toEqual([
      ['cut-file', 'The gzip data is cut off: the file ends within it.'],
    ]);
  });

  it('a file with damaged data gives the records before the damage, except for its last kilobytes', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => good(`a${at}-${(at * 7_919) % 10_007}`));
    const sound = deflateRawSync(`${lines.join('\n')}\n`, { finishFlush: constants.Z_SYNC_FLUSH });
    const noSuchBlock = Buffer.from([7]);
    const content = Buffer.concat([gzipSync('').subarray(0, 10), sound, noSuchBlock, sound]);
    const before = sound.subarray(0, -16 * 1024);
    const reachable = inflateRawSync(before, { finishFlush: constants.Z_SYNC_FLUSH }).toString('utf8').split('\n');
    const result = await attributed(content, 'audit.gz');
    expect(result.records.length).toBeGreaterThanOrEqual(reachable.length - 1);
    expect(result.rejects.at(-1)).toMatchObject({
      reason: 'cut-file',
      sample: 'The gzip data is damaged: invalid block type.',
    });
  });

  it.each([
    ['few', 1],
    ['many', 5_000],
  ])('a file with a wrong checksum gives all of its %s records, and those of the next member', async (_, many) => {
    const first = gzipSync(`${[...Array(many).keys()].map((at) => good(`a${at}`)).join('\n')}\n`);
    first.writeUInt8(first.readUInt8(first.length - 8) ^ 1, first.length - 8);
    const result = await attributed(Buffer.concat([first, gzipSync(good('b'))]), 'audit.gz');
    expect(result.records.length).toBe(many + 1);
    expect(result.rejects).toMatchObject([{ reason: 'cut-file', sample: expect.stringContaining('checksum') }]);
  });

  it.each([
    ['few', 1],
    ['many', 5_000],
  ])('bytes after the gzip data lose none of %s records, and are reported', async (_, many) => {
    const lines = [...Array(many).keys()].map((at) => good(`a${at}`)).join('\n');
    using folder = new Folder();
    const content = Buffer.concat([gzipSync(lines), Buffer.from('garbage trailing')]);
    for (const [audit, input] of [[folder.file('audit.gz', content)], ['-', content]] as const) {
      const result = await attributeFiles(folder, { audit: [audit] }, input);
      expectCalm(result);
      expect(result.records.length).toBe(many);
      expect(result.rejects.map(({ reason, sample }) => [reason, sample])).toEqual([
        ['cut-file', 'After the gzip data come 16 other bytes; they were left out.'],
      ]);
    }
  });

  it('zeros after the gzip data are padding, also before more of it', async () => {
    const zeros = Buffer.alloc(70_000);
    const content = Buffer.concat([gzipSync(`${good('a')}\n`), zeros, gzipSync(`${good('b')}\n`), zeros]);
    const result = await attributed(content, 'audit.gz');
    expect(ids(result)).toEqual(['a', 'b']);
    expect(result.rejects).toEqual([]);
  });

  it('a header with all optional fields is read', async () => {
    const plain = gzipSync(good('a'));
    const extra = Buffer.from([3, 0, 1, 2, 3]);
    const header = Buffer.concat([plain.subarray(0, 10), extra, Buffer.from('name\0comment\0'), Buffer.alloc(2)]);
    header[3] = 2 | 4 | 8 | 16;
    expect(ids(await attributed(Buffer.concat([header, plain.subarray(10)]), 'audit.gz'))).toEqual(['a']);
  });

  it('many small files in one, in any chunks', async () => {
    const members = Array.from({ length: 3_000 }, (_, at) => gzipSync(`${good(`a${at}`)}\n`));
    const result = await attributed(Buffer.concat(members), 'audit.gz');
    expect(result.records.length).toBe(3_000);
    expect(result.rejects).toEqual([]);
  });

  it('concatenated files, as logs are joined, are all read', async () => {
    const result = await attributed(
      Buffer.concat([gzipSync(`${good('a')}\n`), gzipSync(`${good('b')}\n`)]),
      'audit.gz',
    );
    expect(ids(result)).toEqual(['a', 'b']);
  });

  it('the two first bytes alone are a cut file', async () => {
    expect(asides(await attributed(Buffer.from([0x1f, 0x8b]))).map(([, reason]) => reason)).toEqual(['cut-file']);
  });

  it('standard input is read like a file', async () => {
    using folder = new Folder();
    const result = await attributeFiles(folder, { audit: ['-'] }, gzipSync(`${good('a')}\n${good('b')}`));
    expectCalm(result);
    expect(ids(result)).toEqual(['a', 'b']);
  });
});
