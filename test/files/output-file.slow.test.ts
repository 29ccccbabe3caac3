import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { allCommands, commandTree } from '../../cli/completion/command-tree.ts';
import { buildProgram } from '../../cli/main.ts';
import { Folder, REPOSITORY, runAsProcess, runCommand } from '../builders/command.ts';
import { GRANT, good } from './good.ts';

const BEFORE = 'of the last run';

function inputs(folder: Folder): string[] {
  return ['attribute', '--audit', folder.file('in/a', good('a')), '--cloudtrail', folder.file('in/c', GRANT)];
}

/** Nothing listens there: asking it fails once the work has begun. */
const NO_SERVICE = ['--api', 'http://127.0.0.1:9'];

describe('an existing file stays as it is if the command', () => {
  it.each<[string, string[]]>([
    ['records cannot ask', ['records', '--actor', 'alice', ...NO_SERVICE]],
    ['records --summary cannot ask', ['records', '--actor', 'alice', '--summary', ...NO_SERVICE]],
    ['sessions cannot ask', ['sessions', ...NO_SERVICE]],
    ['sessions --forged cannot ask', ['sessions', '--forged', '--actor', 'alice', ...NO_SERVICE]],
    ['whois cannot ask', ['whois', '--audit-id', 'x', ...NO_SERVICE]],
    ['doctor has no file to look at', ['doctor', '--offline', '--aws-auth', '/does/not/exist']],
  ])('%s', async (_, args) => {
    using folder = new Folder();
    const out = folder.file('out/file', BEFORE);
    const { status } = await runAsProcess([...args, '--output-file', out]); // what it leaves goes with the process
    expect(status).toBe(1);
    expect(folder.read('out/file')).toBe(BEFORE);
    expect(readdirSync(folder.at('out'))).toEqual(['file']);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('attribute is stopped by %s', async (signal) => {
    using folder = new Folder();
    const out = folder.file('out/file', BEFORE);
    const args = [
      '--audit',
      '-',
      '--cloudtrail',
      folder.file('in/c', GRANT),
      '--output-file',
      out,
      '--rejects',
      folder.at('out/rejects'),
    ];
    const child = spawn(process.execPath, [join(REPOSITORY, 'bin/eks-whois'), 'attribute', ...args], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const ended = new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
    child.stdin.write(`${good('a')}\n`);
    while (readdirSync(folder.at('out')).length < 3) await sleep(20);
    child.kill(signal);
    expect(await ended).toBe(signal);
    expect(folder.read('out/file')).toBe(BEFORE);
    expect(readdirSync(folder.at('out'))).toEqual(['file']);
  });
});

describe('an output file', () => {
  it('replaces the existing one, with its permissions, and nothing else remains', async () => {
    using folder = new Folder();
    const out = folder.file('out/file', BEFORE);
    chmodSync(out, 0o640);
    expect((await runCommand([...inputs(folder), '--output-file', out])).status).toBe(0);
    expect(JSON.parse(folder.read('out/file'))).toMatchObject({ auditId: 'a' });
    expect(statSync(out).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder.at('out'))).toEqual(['file']);
  });

  it('is the target of a link, whether or not the target exists', async () => {
    using folder = new Folder();
    folder.file('real/there', BEFORE);
    for (const name of ['there', 'new']) {
      symlinkSync(`real/${name}`, folder.at(name));
      expect((await runCommand([...inputs(folder), '--output-file', folder.at(name)])).status).toBe(0);
      expect(readlinkSync(folder.at(name))).toBe(`real/${name}`);
      expect(JSON.parse(folder.read(`real/${name}`))).toMatchObject({ auditId: 'a' });
    }
    expect(readdirSync(folder.at('real')).sort()).toEqual(['new', 'there']);
  });

  it.each<[string, string[], string]>([
    ['whois', ['whois', '--principal', 'AROAEXAMPLE1234567890:alice'], 'UNATTRIBUTED'],
    ['whois -o json', ['whois', '--principal', 'AROAEXAMPLE1234567890:alice', '-o', 'json'], '"status":"unattributed"'],
    ['doctor', ['doctor', '--offline', '--aws-auth', 'AUTH'], ''],
    ['kubeconfig list', ['kubeconfig', 'list', '--kubeconfig', 'KUBE', '-o', 'names'], 'one\n'],
  ])('contains what %s would have', async (_, args, expected) => {
    using folder = new Folder();
    const files = {
      AUTH: folder.file('auth', 'kind: ConfigMap\ndata:\n  mapUsers: "[]"\n'),
      KUBE: folder.file('kube', 'contexts: [{name: one, context: {cluster: a, user: b}}]\n'),
    };
    const trail = args[0] === 'whois' ? ['--cloudtrail', folder.file('c', GRANT)] : [];
    const given = [...args.map((arg) => (arg === 'AUTH' || arg === 'KUBE' ? files[arg] : arg)), ...trail];
    const ran = await runCommand(given);
    const { status, output } = await runCommand([...given, '--output-file', folder.at('out')]);
    expect([status, output]).toEqual([ran.status, '']);
    expect(folder.read('out')).toBe(ran.output);
    expect(ran.output.toUpperCase()).toContain(expected.toUpperCase());
  });

  it.skipIf(!existsSync('/dev/full'))('on a full disk gives one sentence for every command', async () => {
    using folder = new Folder();
    const whois = ['whois', '--principal', 'AROAEXAMPLE1234567890:alice', '--cloudtrail', folder.file('c', GRANT)];
    for (const args of [inputs(folder), whois]) {
      const { status, errors } = await runCommand([...args, '--output-file', '/dev/full']);
      expect([status, errors]).toEqual([
        1,
        expect.stringMatching(/^eks-whois: The output file \/dev\/full is on a disk that is full\. [^\n]+\n$/m),
      ]);
    }
  });

  it('in a folder that does not exist is reported by the folder, since the file need not exist', async () => {
    using folder = new Folder();
    const { status, errors } = await runCommand([...inputs(folder), '--output-file', folder.at('missing/out')]);
    expect([status, errors]).toEqual([
      1,
      `eks-whois: The output file ${folder.at('missing/out')} is in a folder that does not exist. Give another file.\n`,
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('in a folder that may not be written is reported before any work', async () => {
    using folder = new Folder();
    mkdirSync(folder.at('closed'));
    chmodSync(folder.at('closed'), 0o500);
    const { status, errors } = await runCommand([...inputs(folder), '--output-file', folder.at('closed/out')]);
    expect([status, errors]).toEqual([
      1,
      expect.stringContaining('cannot be written by this user. Give another file.'),
    ]);
  });
});

describe('-o and --output mean the format, --format the same', async () => {
  const withFormats = allCommands(commandTree(await buildProgram())).filter(({ options }) =>
    options.some(({ names }) => names.includes('--output') || names.includes('--format')),
  );

  it('on every command that has formats, all with --output-file', () => {
    const names = [
      'whois',
      'incident',
      'records',
      'sessions',
      'related',
      'known',
      'changes',
      'attribute',
      'doctor',
      'fleet',
      'clusters list',
      'kubeconfig list',
      'configure list',
      'configure check',
      'cost',
    ];
    expect(withFormats.map(({ path }) => path.join(' '))).toEqual(names);
    for (const { options } of withFormats) {
      const by = new Map(options.map((option) => [option.names[0], option]));
      expect(by.get('--output')?.names).toEqual(['--output', '-o']);
      expect(by.get('--output')?.values).toEqual(by.get('--format')?.values);
      expect(by.get('--output')?.values?.kind).toBe('choices');
      expect(by.get('--output-file')?.values).toEqual({ kind: 'files' });
    }
  });

  it.each(withFormats.map(({ path }) => [path.join(' '), path]))('%s refuses a file name instead', async (_, path) => {
    for (const option of ['-o', '--output', '--format']) {
      const { status, errors } = await runCommand([...path, option, 'some/file.json']);
      expect([status, errors]).toEqual([2, expect.stringContaining('--output-file')]);
      expect(existsSync('some/file.json')).toBe(false);
    }
  });

  it('in the same words', async () => {
    using folder = new Folder();
    const [csv, ...others] = await Promise.all(
      [['-o', 'csv'], ['--output', 'csv'], ['--format', 'csv'], ['--output=csv'], ['-ocsv']].map((option) =>
        runCommand([...inputs(folder), ...option]),
      ),
    );
    expect(csv?.output).toMatch(/^time,/);
    for (const other of others) expect(other.output).toBe(csv?.output);
  });
});
