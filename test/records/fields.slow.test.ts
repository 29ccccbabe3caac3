import { describe, expect, it } from 'vitest';
import { runCommand } from '../builders/command.ts';

const FILES = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
const ANA = ['records', ...FILES, '--actor', 'ana.silva'];

async function lines(...args: readonly string[]): Promise<readonly string[]> {
  const { output, errors, status } = await runCommand(args);
  expect(status, errors).toBe(0);
  return output.split(/\r?\n/).filter((line) => line !== '');
}

describe('records', () => {
  it('with --fields have only these, in tables, CSV and JSON', async () => {
    const csv = await lines(...ANA, '--fields', 'time,verb,code', '-o', 'csv');
    expect(csv[0]).toBe('time,verb,code');
    const json = JSON.parse((await lines(...ANA, '--json', 'verb,code,sourceIps')).join(''));
    expect(json[0]).toEqual({ verb: 'list', code: 200, sourceIps: ['203.0.113.11'] });
    expect(csv.slice(1).map((row) => row.split(',')[1])).toEqual(json.map(({ verb }: { verb: string }) => verb));
    const table = await lines(...ANA, '--fields', 'actorName,verb');
    expect(table.slice(0, 2)).toEqual(['ACTOR NAME  VERB', 'ana.silva   list']);
    expect(await lines(...ANA, '--fields', 'actorName,verb', '--no-headers')).toEqual(table.slice(1));
  });

  it('come in the order of --sort and --reverse, the newest of them with --limit', async () => {
    const ids = await lines(...ANA, '--fields', 'auditId', '--no-headers');
    expect(await lines(...ANA, '--fields', 'auditId', '--no-headers', '--reverse')).toEqual(ids.toReversed());
    expect(await lines(...ANA, '--fields', 'auditId', '--no-headers', '--sort', 'time')).toEqual(ids.toReversed());
    expect(await lines(...ANA, '--fields', 'auditId', '--no-headers', '--reverse', '--limit', '2')).toEqual(
      ids.slice(0, 2).toReversed(),
    );
    const codes = (await lines(...ANA, '--fields', 'code', '--no-headers', '--sort', 'code')).map(Number);
    expect(codes).toEqual(codes.toSorted((a, b) => a - b));
    const reasons = await lines(
      'records',
      ...FILES,
      '-o',
      'csv',
      '--fields',
      'auditId,reason',
      '--no-headers',
      '--sort',
      'reason',
    );
    expect(reasons.findIndex((row) => row.endsWith(','))).toBe(reasons.filter((row) => !row.endsWith(',')).length);
  });

  it('have no header with --no-headers', async () => {
    for (const format of ['table', 'wide', 'csv'])
      expect(await lines(...ANA, '-o', format, '--no-headers')).toEqual((await lines(...ANA, '-o', format)).slice(1));
  });

  it.each([
    [['--fields', 'verbs'], /Did you mean verb\?/],
    [['--json', 'nothing-like-it'], /--json cannot be nothing-like-it\. Give one or more of time, cluster/],
    [['--json', 'verb', '-o', 'csv'], /--json already chooses/],
    [['--fields', 'verb', '-o', 'ocsf'], /--fields works with tables/],
    [['--sort', 'verb', '--summary'], /--sort cannot be verb\. Did you mean verbs\?/],
    [['--sort', 'verb', '--follow'], /--sort needs all records/],
    [['-f', '--to', '2026-03-11'], /--follow has no end/],
  ])('refuse %j', async (args, message) => {
    const { status, errors } = await runCommand([...ANA, ...args]);
    expect([status, errors]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('sessions and names', () => {
  it.each([
    [['sessions', ...FILES]],
    [['known', 'actors', ...FILES]],
    [['sessions', '--actor', 'ana.silva', ...FILES]],
  ])('take --limit, --reverse and --no-headers: %j', async (args) => {
    for (const format of ['table', 'csv']) {
      const [head, ...rows] = await lines(...args, '-o', format);
      expect(head).toMatch(/name|status/i);
      expect(await lines(...args, '-o', format, '--no-headers')).toEqual(rows);
    }
    const rows = await lines(...args, '-o', 'jsonl');
    expect(await lines(...args, '-o', 'jsonl', '--reverse')).toEqual(rows.toReversed());
    expect(await lines(...args, '-o', 'jsonl', '--limit', '2')).toEqual(rows.slice(0, 2));
  });

  it.each([
    [['sessions', ...FILES], 'session,last,count,clusters'],
    [['sessions', '--actor', 'ana.silva', ...FILES], 'session,last,count,clusters'],
    [['records', '--summary', ...FILES], 'who,last,count,clusters'],
    [['known', 'actors', ...FILES], 'name,last,otherNames'],
  ])('take --fields, --json and --sort: %j', async (args, fields) => {
    const csv = await lines(...args, '-o', 'csv');
    const chosen = await lines(...args, '-o', 'csv', '--fields', fields);
    expect(chosen[0]).toBe(fields);
    expect(chosen).toHaveLength(csv.length);
    const json = JSON.parse((await lines(...args, '--json', fields)).join(''));
    expect(json).toHaveLength(csv.length - 1);
    expect(Object.keys(json[0])).toEqual(fields.split(',').filter((name) => json[0][name] !== undefined));
    const times = (await lines(...args, '--fields', 'last', '--no-headers', '--sort', 'last', '--reverse')).map(
      Date.parse,
    );
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    if (args.includes('--summary')) return;
    const limited = ['--fields', fields, '--no-headers', '--sort', 'last', '--limit', '2'];
    expect(await lines(...args, ...limited)).toHaveLength(2);
    const [oldest] = await lines(...args, '--fields', 'last', '--no-headers', '--sort', 'last', '--limit', '1');
    expect(Date.parse(oldest ?? '')).toBe(Math.min(...times));
  });

  it.each([
    [['sessions', ...FILES, '--fields', 'sesion'], /--fields cannot be sesion\. Did you mean session\?/],
    [['sessions', ...FILES, '--json', 'sesion'], /--json cannot be sesion\. Did you mean session\?/],
    [['known', 'actors', ...FILES, '--sort', 'cluster'], /--sort cannot be cluster\. Give one of name, accountId/],
  ])('refuse fields that they do not have: %j', async (args, message) => {
    const { status, errors } = await runCommand(args);
    expect([status, errors]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('attribute', () => {
  const ALL = ['attribute', ...FILES];

  it('ends after --limit, and names the command that has the newest records', async () => {
    const all = await lines(...ALL);
    const { output, errors, status } = await runCommand([...ALL, '--limit', '3']);
    expect([status, output.trimEnd().split('\n')]).toEqual([0, all.slice(0, 3)]);
    expect(errors).toMatch(/--limit reached\).*the order of the input\. To list the newest: eks-whois records/);
    const ofAna = await runCommand([...ALL, '--actor', 'ana.silva', '--limit', '1', '-o', 'table', '--no-headers']);
    expect(ofAna.output.trimEnd().split('\n')).toHaveLength(1);
    expect((await runCommand([...ALL, '--limit', String(all.length)])).errors).not.toContain('--limit reached');
  });

  it('writes the fields of --fields and --json', async () => {
    expect((await lines(...ALL, '--fields', 'auditId,verb'))[0]).toMatch(/^\{"auditId":"[^"]+","verb":"[^"]+"\}$/);
    expect(JSON.parse((await lines(...ALL, '--json', 'auditId', '--limit', '2')).join(''))).toHaveLength(2);
    expect((await lines(...ALL, '--summary', '-o', 'csv', '--fields', 'who,count'))[0]).toBe('who,count');
  });

  it.each([
    [['--sort', 'time'], /attribute has no option --sort\. It is an option of eks-whois records/],
    [['--limit', '1', '--summary'], /--summary counts all of them/],
    [['--fields', 'verbs'], /Did you mean verb\?/],
  ])('refuses %j', async (args, message) => {
    const { status, errors } = await runCommand([...ALL, ...args]);
    expect([status, errors]).toEqual([2, expect.stringMatching(message)]);
  });
});
