import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { structuredText } from '../../cli/format/structured.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));

/** Characters that a terminal obeys or hides, or that only look like a blank. */
const SIGNS = [
  ...from(0x00, 0x1f),
  ...from(0x7f, 0x9f),
  '\u00a0',
  '\u00ad',
  '\u061c',
  '\u180e',
  ...from(0x200b, 0x200f),
  ...from(0x2028, 0x202e),
  ...from(0x2060, 0x2069),
  '\u3000',
  '\ufeff',
  '\ud800',
  '\udfff',
  '\u{e0001}',
  'e\u0301\u0301\u0301\u0301\u0301',
];
/** Anything of them in an output, apart from the ends of lines. */
const RAW = /(?!\r?\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\xa0\u3000]|\u0301{5}/u;

describe.each(['json', 'jsonl', 'yaml'] as const)('a value in %s', (format) => {
  it.each(SIGNS.map((sign) => [sign]))('with %j is escaped, and keeps its meaning', (sign) => {
    const value = { text: `a${sign}b`, [`key ${sign}`]: [sign, 1] };
    const text = structuredText(format, [value]);
    expect(text.replaceAll('\n', '')).not.toMatch(RAW);
    const read: unknown = format === 'yaml' ? parse(text) : JSON.parse(text);
    expect(read).toEqual(format === 'jsonl' ? value : [value]);
  });
});

describe('no output contains a character that a terminal obeys or hides', () => {
  const folder = new Folder();
  afterAll(() => folder[Symbol.dispose]());
  const name = SIGNS.map((sign, at) => `${at}${sign}`).join('');
  const fileName = 'audit \u202e\u200b\u001b\u009b\ufeff\u2066';
  let audit = '';
  let cloudtrail = '';
  let pasted = '';

  beforeAll(() => {
    const event = auditEvent({
      auditID: `id-${name}`,
      user: { ...roleUser({ session: 'alice' }), username: name, groups: [name] },
      impersonatedUser: { username: name, groups: [name] },
      userAgent: name,
      requestURI: `/api/v1/namespaces/${name}/pods/${name}`,
      objectRef: { resource: 'pods', namespace: name, name, apiVersion: 'v1' },
      annotations: { 'authorization.k8s.io/reason': name, 'authorization.k8s.io/decision': 'forbid' },
    });
    const forged = auditEvent({ auditID: '2', user: { username: name, uid: name, groups: [name] } });
    audit = folder.file(fileName, `${JSON.stringify(event)}\n${JSON.stringify(forged)}\n{"bad":"${name}\n`);
    pasted = JSON.stringify(event);
    cloudtrail = folder.file('trail', JSON.stringify(grant({ by: iamUser(name) })));
  });

  const run = async (...args: readonly string[]) => {
    const { status, output, errors } = await runCommand(args);
    expect(output + errors).not.toMatch(/^\s+at /m);
    for (const text of [output, errors]) expect(text.replaceAll(/\r?\n/g, '')).not.toMatch(RAW);
    return { status, output, errors };
  };
  const files = () => ['--audit', audit, '--cloudtrail', cloudtrail];

  it.each(['table', 'wide', 'json', 'jsonl', 'yaml', 'csv', 'ocsf', 'ecs'])('records in %s', async (format) => {
    const { status, output } = await run('attribute', ...files(), '-o', format);
    expect(status).toBe(0);
    expect(output).toContain('\\u202e');
  });

  it('records as the bytes of JSON lines, which a file has', async () => {
    expect((await run('attribute', ...files(), '--output-file', folder.at('records'))).status).toBe(0);
    const records = folder.read('records');
    expect(records).toContain('\\u202e');
    expect(records.replaceAll('\n', '')).not.toMatch(RAW);
    expect(JSON.parse(records.split('\n')[0] ?? '')).toMatchObject({ auditId: expect.stringContaining('\u202e') });
    expect(records).toBe((await run('attribute', ...files())).output);
  });

  it.each(['table', 'wide', 'json', 'jsonl', 'yaml', 'csv'])('a summary in %s', async (format) => {
    expect((await run('attribute', ...files(), '--summary', '-o', format)).status).toBe(0);
  });

  it.each(['text', 'json'])('whois in %s', async (format) => {
    expect((await run('whois', pasted, ...files(), '-o', format)).output).toContain('\\u202e');
  });

  it.each(['text', 'json', 'markdown'])('an incident in %s', async (format) => {
    expect((await run('incident', pasted, ...files(), '-o', format)).output).toContain('\\u202e');
  });

  it.each(['text', 'json'])('related requests in %s', async (format) => {
    const { status } = await run('related', '2', ...files(), '-o', format);
    expect(status).toBe(0);
  });

  it('rejects, which a file has', async () => {
    await run('attribute', ...files(), '--rejects', folder.at('rejects'));
    const rejects = folder.read('rejects');
    expect(rejects).toContain('\\u202e');
    expect(rejects.replaceAll('\n', '')).not.toMatch(RAW);
    expect(JSON.parse(rejects.split('\n')[0] ?? '')).toMatchObject({ file: audit });
  });

  it('the path of a written configuration', async () => {
    const environment = { EKS_WHOIS_CONFIG: folder.at('config \u202e\u200b') };
    const args = ['configure', 'set', 'prod', '--table', 'x'];
    for (const words of ['written to', 'nothing to change in']) {
      const { output } = await runCommand(args, undefined, environment);
      expect(output).toContain(words);
      expect(output.replaceAll('\n', '')).not.toMatch(RAW);
    }
  });

  it.each([
    ['a command', [name]],
    ['an option', ['attribute', `--${name}`]],
    ['a value', ['attribute', '--from', name]],
    ['a format', ['attribute', '-o', name]],
    ['a time zone', ['records', '--time', name]],
    ['a file', ['attribute', '--audit', name, '--cloudtrail', name]],
    ['a place in S3', ['attribute', '--audit', `s3://${name}`, '--cloudtrail', name]],
    ['a configuration', ['attribute', '--config', name, '--audit', 'x']],
    ['a text', ['whois', name, '--audit', 'x']],
  ] as const)('the error about %s that is not one', async (_, args) => {
    expect((await run(...args.map((arg) => arg.replaceAll('\0', '')))).status).not.toBe(0);
  });
});
