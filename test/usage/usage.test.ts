import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { runCommand } from '../builders/command.ts';

const FILES = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
const EVENT = ['records', '--namespace', 'orders', '--api', 'http://127.0.0.1:9'];

describe('wrong usage', () => {
  it('is not a filter with several values: any of them can match', async () => {
    const files = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
    const verbs = ['--verb', 'delete', '--verb', 'patch', '--not-status', 'system', '--not-status', 'ambiguous'];
    const { status, output } = await runCommand(['attribute', ...files, ...verbs]);
    const records = output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as AuditRecord]));
    expect(status).toBe(0);
    expect(new Set(records.map(({ request }) => request?.verb))).toEqual(new Set(['delete', 'patch']));
    expect(records.map(({ attribution }) => attribution.status)).not.toContain('ambiguous');
  });

  it.each([
    [
      [...EVENT, '--limit', '1', '--limit', '2'],
      '--limit is given twice, 1 and 2, but takes one value: leave one out.',
    ],
    [['kubeconfig', 'list', '--format', 'names', '--format', 'names'], '--format is given twice'],
    [['doctor', '--days', '1', '--days', '2'], '--days is given twice, 1 and 2'],
  ])('%j: an option that takes one value is not given twice', async (args, sentence) => {
    const { status, output, errors } = await runCommand(args);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(errors).toContain(sentence);
  });

  it('is reported with a similar word, and nothing else', async () => {
    expect((await runCommand(['records', '--clutser', 'a'])).errors).toContain('Did you mean --cluster?');
    expect((await runCommand(['recrods'])).errors).toContain('Did you mean records?');
    expect((await runCommand(['kubeconfig', 'lsit'])).errors).toContain('Did you mean list?');
    for (const far of ['--foo', '--color', '--xyz', '--to-do'])
      expect((await runCommand(['records', far])).errors, far).not.toContain('Did you mean');
  });

  it.each([
    [['records', ...FILES, 'ben.okafor'], 'Did you mean eks-whois records --actor ben.okafor?'],
    [['records', 'ben.okafor', ...FILES], 'To look up this name: eks-whois whois ben.okafor'],
    [['sessions', 'ben.okafor'], 'Did you mean eks-whois sessions --actor ben.okafor?'],
    [['attribute', ...FILES, 'ben.okafor'], 'Did you mean eks-whois attribute --actor ben.okafor?'],
    [['known', 'ben.okafor'], 'Did you mean eks-whois known actors ben.okafor?'],
    [['console', 'ben.okafor'], 'To look up this name: eks-whois whois ben.okafor'],
    [['doctor', 'ben.okafor'], 'To look up this name: eks-whois whois ben.okafor'],
    [['records', ...FILES, 'missing.json'], 'missing.json does not exist.'],
  ])('%j: a name in the wrong place leads to the command that takes it', async (args, sentence) => {
    const { errors } = await runCommand(args);
    expect(errors).toContain(sentence);
  });

  it.each([
    [['known', ...FILES, 'actors', 'ana']],
    [['known', 'actors', ...FILES, 'ana']],
    [['known', 'actors', 'ana', ...FILES]],
  ])('is not an argument before or behind the options: %j', async (args) => {
    const { output, status } = await runCommand([...args, '--fields', 'name', '--no-headers']);
    expect([status, output]).toEqual([0, 'ana.silva\n']);
  });

  it.each(['cost', 'backfill', 'attribute'])('%s: names an unknown option before the missing ones', async (command) => {
    const { status, errors } = await runCommand([command, '--foo']);
    expect([status, errors]).toEqual([2, expect.stringContaining(`eks-whois ${command} has no option --foo.`)]);
    expect(errors).not.toContain('missing');
    const { errors: mistyped } = await runCommand(['attribute', '--audit', 'a', '--cloudtrial', 'b']);
    expect(mistyped).toContain('has no option --cloudtrial. Did you mean --cloudtrail?');
    expect((await runCommand(['records', '--actr=alice'])).errors).toContain('no option --actr. Did you mean --actor?');
    expect((await runCommand([command])).errors).toMatch(/ (?:is|are) missing\./);
  });

  it('names the commands that have the option', async () => {
    const { errors } = await runCommand(['doctor', '--verb', 'delete']);
    expect(errors).toContain(
      'eks-whois doctor has no option --verb. It is an option of eks-whois records, eks-whois attribute.',
    );
    expect((await runCommand(['--actor', 'alice', '--since', '1d'])).errors).toMatch(
      /^eks-whois: eks-whois whois has no option --actor\. It is an option of eks-whois records, eks-whois sessions, eks-whois changes and others\./,
    );
    expect((await runCommand(['clusters', '--profile', 'nope'])).errors).toContain(
      'eks-whois clusters has no option --profile. It is an option of eks-whois clusters list.\n',
    );
    expect((await runCommand(['configure', 'list', '--audit', 'a'])).errors).toMatch(
      /no option --audit\. .*eks-whois records/,
    );
  });

  it.each([
    [
      ['198.51.100.77', '--from', '2026-03-10T09:00:00Z', '--to', '2026-03-10T12:00:00Z', ...FILES],
      'Run eks-whois records --ip 198.51.100.77 --from 2026-03-10T09:00:00Z --to 2026-03-10T12:00:00Z --audit examples/audit --cloudtrail examples/cloudtrail\n',
    ],
    [
      [...FILES, '--api', 'https://x', 'pod/web-0', '--since', '1d'],
      'Run eks-whois records --object web-0 --since 1d --audit examples/audit --cloudtrail examples/cloudtrail --api https://x\n',
    ],
    [['198.51.100.77', '--frm', '1d'], 'eks-whois whois has no option --frm.'],
    [['summary', ...FILES], 'eks-whois has no command summary. Did you mean eks-whois records --summary?\n'],
    [['compare'], 'Did you mean eks-whois records --compare?'],
  ])('%j: writes out the command of records that was meant', async (args, sentence) => {
    const { errors, status } = await runCommand(args);
    expect([status, errors]).toEqual([2, expect.stringContaining(sentence)]);
  });

  it('names all options that are missing', async () => {
    const { errors, status } = await runCommand(['attribute']);
    expect([status, errors]).toEqual([
      2,
      expect.stringContaining('--audit and --cloudtrail are missing. Give --audit <path...> --cloudtrail <path...>.'),
    ]);
  });

  it('is not an argument behind the options', async () => {
    const files = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
    const id = '60e442b4-3ced-423b-a0e2-2c3a7220f24e';
    for (const [command, word] of [
      ['whois', id],
      ['related', id],
      ['known', 'actors'],
    ] as const) {
      const [before, after] = await Promise.all([
        runCommand([command, word, ...files]),
        runCommand([command, ...files, word]),
      ]);
      expect([after.status, after.output]).toEqual([0, before.output]);
    }
    expect((await runCommand([...files, id])).output).toContain('ana.silva');
    const { errors, status } = await runCommand([
      'related',
      '--audit',
      'examples/audit',
      '--cloudtrail',
      'examples/cloudtrail',
    ]);
    expect([status, errors]).toEqual([2, expect.stringContaining('<audit-id> is missing.')]);
  });

  it('is not an option with several values if it accepts several', async () => {
    const { errors } = await runCommand(['doctor', '--offline', '--cluster', 'a', '--cluster', 'b']);
    expect(errors).not.toContain('given twice');
  });
});
