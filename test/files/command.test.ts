import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attributeFiles, Folder, REPOSITORY, runCommand } from '../builders/command.ts';
import { asides, expectCalm, GRANT, good, ids } from './good.ts';

const WORDS_FOR_PEOPLE = /^eks-whois: .+\n$/;

describe('wrong usage ends with status 2 and says what is wrong:', () => {
  it.each<[string, string[], RegExp]>([
    ['no audit log', ['attribute', '--cloudtrail', 'x'], /--audit/],
    ['no CloudTrail', ['attribute', '--audit', 'x'], /--cloudtrail/],
    ['an option without its path', ['attribute', '--audit', '--cloudtrail', 'x'], /--cloudtrail/],
    ['an unknown option', ['attribute', '--audit', 'x', '--cloudtrail', 'x', '--colour'], /--colour/],
    [
      'an unknown format',
      ['attribute', '--audit', 'x', '--cloudtrail', 'x', '--format', 'xml'],
      /table, wide, jsonl, json, yaml, csv/,
    ],
    ['an unknown command', ['atribute'], /attribute/],
    ['standard input twice', ['attribute', '--audit', '-', '--cloudtrail', '-'], /Standard input/],
  ])('%s', async (_, args, words) => {
    const { status, output, errors } = await runCommand(args);
    expect(status).toBe(2);
    expect(output).toBe('');
    expect(errors).toMatch(words);
    expect(errors).not.toMatch(/^\s+at /m);
  });

  it.each(['--audit', '--cloudtrail', '--cluster-name', '--output-file', '--rejects'])(
    'an empty %s, as from a variable that is not set',
    async (option) => {
      using folder = new Folder();
      const file = folder.file('a', good('a'));
      const { status, output, errors } = await runCommand([
        ...['attribute', '--audit', file, '--cloudtrail', file],
        ...[option, ''],
      ]);
      expect([status, output]).toEqual([2, '']);
      expect(errors).toBe(
        `eks-whois: ${option} is empty. Give a value, or leave the option out. Perhaps a shell variable is not set.\n`,
      );
    },
  );

  it('a username template with an unknown placeholder', async () => {
    using folder = new Folder();
    const file = folder.file('empty', '');
    const args = ['attribute', '--audit', file, '--cloudtrail', file, '--username-template', 'a:{{User}}'];
    const { status, errors } = await runCommand(args);
    expect([status, errors]).toEqual([2, expect.stringMatching(/\{\{User\}\}.*\{\{SessionName\}\}/)]);
  });
});

describe('help', () => {
  it.each([['--help'], ['attribute', '--help'], ['--version']])(
    'is written to standard output, with status 0: %s',
    async (...args) => {
      const { status, output, errors } = await runCommand(args);
      expect([status, errors]).toEqual([0, '']);
      expect(output.length).toBeGreaterThan(3);
    },
  );
});

describe('a failure ends with status 1 and one sentence:', () => {
  const failed = async (args: readonly string[]) => {
    const { status, output, errors } = await runCommand(['attribute', ...args]);
    expect([status, output]).toEqual([1, '']);
    expect(errors).toMatch(WORDS_FOR_PEOPLE);
    return errors;
  };

  it('a path that does not exist, before any work is done', async () => {
    using folder = new Folder();
    const file = folder.file('a', good('a'));
    const output = folder.at('out');
    expect(
      await failed(['--audit', file, folder.at('nowhere'), '--cloudtrail', file, '--output-file', output]),
    ).toContain('nowhere');
    expect(await failed(['--audit', file, '--cloudtrail', folder.at('nowhere'), '--output-file', output])).toContain(
      'nowhere',
    );
    expect(existsSync(output)).toBe(false);
  });

  it('a link that leads nowhere', async () => {
    using folder = new Folder();
    symlinkSync(folder.at('gone'), folder.at('link'));
    expect(await failed(['--audit', folder.at('link'), '--cloudtrail', folder.at('link')])).toContain(
      'link is a link to something that does not exist',
    );
  });

  it('a link that leads back to itself', async () => {
    using folder = new Folder();
    const file = folder.file('a', good('a'));
    symlinkSync('loop', folder.at('loop'));
    const words = 'loop is, or is below, a link that leads back to itself';
    expect(await failed(['--audit', folder.at('loop'), '--cloudtrail', file])).toContain(words);
    for (const option of ['--output-file', '--rejects'])
      expect(await failed(['--audit', file, '--cloudtrail', file, option, folder.at('loop')])).toContain(words);
  });

  it.skipIf(process.getuid?.() === 0)(
    'an output that may not be written, in a folder that may not be entered',
    async () => {
      using folder = new Folder();
      const file = folder.file('a', good('a'));
      folder.file('closed/out', 'before');
      for (const [mode, name] of [
        [0o600, 'closed/out'],
        [0o500, 'closed/new'],
      ] as const) {
        chmodSync(folder.at('closed'), mode);
        for (const option of ['--output-file', '--rejects'])
          expect(await failed(['--audit', file, '--cloudtrail', file, option, folder.at(name)])).toContain(
            `${name} cannot be written by this user`,
          );
      }
      chmodSync(folder.at('closed'), 0o700);
    },
  );

  it.each(['--output-file', '--rejects'])('%s to a place that cannot be written', async (option) => {
    using folder = new Folder();
    const file = folder.file('a', good('a'));
    for (const place of [folder.path, join(folder.path, 'no/such/folder/x'), join(file, 'below-a-file')]) {
      expect(await failed(['--audit', file, '--cloudtrail', file, option, place])).toContain(place);
    }
  });

  it.each(['--output-file', '--rejects'])(
    '%s into an input file is wrong usage, and the input is not changed',
    async (option) => {
      using folder = new Folder();
      const file = folder.file('a', good('a'));
      for (const [input, place] of [
        [file, file],
        [folder.path, join(folder.path, 'out')],
      ]) {
        const ran = await runCommand(['attribute', '--audit', input ?? '', '--cloudtrail', file, option, place ?? '']);
        expect(ran.status).toBe(2);
      }
      expect(readFileSync(file, 'utf8')).toBe(good('a'));
      expect(existsSync(join(folder.path, 'out'))).toBe(false);
    },
  );

  it.each(['--output-file', '--rejects'])(
    '%s into an input file under another name is wrong usage too, and the input is not changed',
    async (option) => {
      using folder = new Folder();
      const file = folder.file('in/a', good('a'));
      symlinkSync(file, folder.at('link'));
      linkSync(file, folder.at('hard'));
      symlinkSync(folder.at('in'), folder.at('linked'));
      for (const [input, place] of [
        [file, folder.at('link')],
        [file, folder.at('hard')],
        [file, folder.at('linked/a')],
        [folder.at('in'), folder.at('hard')],
        [folder.at('in'), folder.at('linked/new')],
        [folder.at('linked'), folder.at('in/new')],
      ]) {
        const ran = await runCommand(['attribute', '--audit', input ?? '', '--cloudtrail', file, option, place ?? '']);
        expect([ran.status, ran.errors]).toEqual([2, expect.stringContaining('is part of the input')]);
      }
      expect(readFileSync(file, 'utf8')).toBe(good('a'));
    },
  );

  it('--output-file into the file of standard input is wrong usage, and the file is not changed', async () => {
    using folder = new Folder();
    const [file, trail] = [folder.file('a', good('a')), folder.file('c', GRANT)];
    const { status, errors } = await shell(`attribute --audit - --cloudtrail ${trail} --output-file ${file} < ${file}`);
    expect([status, errors]).toEqual([2, expect.stringContaining('is part of the input (standard input)')]);
    expect(readFileSync(file, 'utf8')).toBe(good('a'));
  });

  it.skipIf(!existsSync('/dev/full'))('a disk that is full', async () => {
    using folder = new Folder();
    for (const many of [1, 20_000]) {
      const file = folder.file('a', Array.from({ length: many }, (_, at) => good(`a${at}`)).join('\n'));
      expect(await failed(['--audit', file, '--cloudtrail', file, '--output-file', '/dev/full'])).toContain('full');
    }
  });

  it.skipIf(!existsSync('/dev/full'))('standard output on a disk that is full, reported once', async () => {
    using folder = new Folder();
    for (const many of [1, 20_000]) {
      const file = folder.file('a', Array.from({ length: many }, (_, at) => good(`a${at}`)).join('\n'));
      const { status, errors } = await shell(`attribute --audit ${file} --cloudtrail ${file} > /dev/full`);
      expect([status, errors]).toEqual([
        1,
        'eks-whois: Standard output is on a disk that is full, so the output is incomplete. Run it again, with --output-file elsewhere.\n',
      ]);
    }
  });

  it('a folder for standard input', async () => {
    using folder = new Folder();
    const file = folder.file('c', GRANT);
    const { status, errors } = await shell(`attribute --audit - --cloudtrail ${file} < ${folder.path}`);
    expect([status, errors]).toEqual([
      1,
      'eks-whois: Standard input is a folder, which cannot be read as a stream. Give its path instead of -.\n',
    ]);
  });
});

/** The command as a shell's redirections start it. */
async function shell(line: string): Promise<{ status: unknown; errors: string }> {
  const stdio = ['ignore', 'ignore', 'pipe'] as const;
  const child = spawn('bash', ['-c', `"${process.execPath}" bin/eks-whois ${line}`], {
    cwd: REPOSITORY,
    stdio: [...stdio],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  const [status] = await once(child, 'close');
  return { status, errors };
}

describe('input that cannot be read is set aside, and the rest is read:', () => {
  it('a socket in a folder', async () => {
    using folder = new Folder();
    folder.file('in/b', good('b'));
    const server = createServer().listen(folder.at('in/a-socket'));
    await once(server, 'listening');
    try {
      const result = await attributeFiles(folder, { audit: [folder.at('in')] });
      expectCalm(result);
      expect(ids(result)).toEqual(['b']);
    } finally {
      server.close();
    }
  });

  it.skipIf(process.getuid?.() === 0)('a file and a folder that may not be read', async () => {
    using folder = new Folder();
    chmodSync(folder.file('in/a', good('a')), 0);
    folder.file('in/b', good('b'));
    mkdirSync(folder.at('in/c'), 0);
    const result = await attributeFiles(folder, { audit: [folder.at('in')] });
    chmodSync(folder.at('in/c'), 0o700);
    expectCalm(result);
    expect(ids(result)).toEqual(['b']);
    expect(asides(result).map(([, reason]) => reason)).toEqual(['unreadable-file', 'unreadable-file']);
  });

  it('a folder that links back to itself, and a link that leads nowhere', async () => {
    using folder = new Folder();
    folder.file('in/b', good('b'));
    symlinkSync(folder.at('in'), folder.at('in/a-loop'));
    symlinkSync(folder.at('gone'), folder.at('in/c-link'));
    const result = await attributeFiles(folder, { audit: [folder.at('in')] });
    expectCalm(result);
    expect(ids(result)).toEqual(['b']);
    expect(asides(result)).toEqual([['file', 'unreadable-file']]);
  });

  it('a link that leads back to itself, also if the outputs exist already', async () => {
    using folder = new Folder();
    folder.file('in/b', good('b'));
    symlinkSync('a-loop', folder.at('in/a-loop'));
    folder.file('rejects-of-the-run.jsonl', 'of the last run');
    const more = ['--output-file', folder.file('out', 'of the last run')];
    const result = await attributeFiles(folder, { audit: [folder.at('in')], more });
    expectCalm(result);
    expect(JSON.parse(folder.read('out'))).toMatchObject({ auditId: 'b' });
    expect(asides(result)).toEqual([['file', 'unreadable-file']]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'content of a folder that may be listed but not entered, also if the outputs exist already',
    async () => {
      using folder = new Folder();
      folder.file('in/b', good('b'));
      folder.file('in/c/a', good('a'));
      chmodSync(folder.at('in/c'), 0o400);
      folder.file('rejects-of-the-run.jsonl', 'of the last run');
      const result = await attributeFiles(folder, { audit: [folder.at('in')] });
      chmodSync(folder.at('in/c'), 0o700);
      expectCalm(result);
      expect(ids(result)).toEqual(['b']);
      expect(asides(result)).toEqual([['file', 'unreadable-file']]);
    },
  );
});

describe('records', () => {
  it('are written to --output-file, and nothing to standard output', async () => {
    using folder = new Folder();
    const args = [
      '--audit',
      folder.file('a', good('a')),
      '--cloudtrail',
      folder.file('c', GRANT),
      '--output-file',
      folder.at('out'),
    ];
    const { status, output, errors } = await runCommand(['attribute', ...args]);
    expect([status, output, errors]).toEqual([0, '', '']);
    expect(JSON.parse(folder.read('out'))).toMatchObject({ auditId: 'a', attribution: { status: 'attributed' } });
  });

  it.each([['attribute'], ['records', '--actor', 'alice'], ['sessions'], ['known', 'actors'], ['related', 'a']])(
    'come with two lines about the input if -v is given: %s',
    async (...command) => {
      using folder = new Folder();
      const audit = folder.file('a', `${good('a')}\n${good('a')}\nI0310 12:00:00.000000 1 x.go:1] hello\n`);
      const files = ['--audit', audit, '--cloudtrail', folder.file('c', GRANT)];
      const { errors } = await runCommand([...command, ...files, '-v']);
      expect(errors).toMatch(
        /^1 record and 1 grant read in \d+\.\d s, 1 duplicate left out\n1 attributed; ignored: 1 text of another log stream\n/,
      );
      expect((await runCommand([...command, ...files])).errors).not.toMatch(/grant|ignored/);
    },
  );

  it('have the cluster of --cluster-name if the files name none', async () => {
    using folder = new Folder();
    const envelope = {
      messageType: 'DATA_MESSAGE',
      logGroup: '/aws/eks/prod/cluster',
      logStream: 'kube-apiserver-audit-0123',
      logEvents: [{ message: good('b') }],
    };
    const audit = [folder.file('a', `${good('a')}\n${JSON.stringify(envelope)}`)];
    const result = await attributeFiles(folder, { audit, more: ['--cluster-name', 'staging'] });
    expect(result.records.map(({ cluster }) => cluster)).toEqual(['staging', 'prod']);
  });

  it('are filtered by --cluster, and a message counts those that name no cluster', async () => {
    using folder = new Folder();
    const envelope = {
      messageType: 'DATA_MESSAGE',
      logGroup: '/aws/eks/prod/cluster',
      logStream: 'kube-apiserver-audit-0123',
      logEvents: [{ message: good('b') }],
    };
    const audit = [folder.file('a', `${good('a')}\n${JSON.stringify(envelope)}`)];
    expect(ids(await attributeFiles(folder, { audit, more: ['--cluster', 'prod'] }))).toEqual(['b']);
    const named = await attributeFiles(folder, { audit, more: ['--cluster-name', 'staging', '--cluster', 'staging'] });
    expect(ids(named)).toEqual(['a']);
    expect(ids(await attributeFiles(folder, { audit, more: ['--cluster-name', 'staging'] }))).toEqual(['a', 'b']);
    const mistyped = await attributeFiles(folder, { audit, more: ['--cluster', 'prdo'] });
    expect(ids(mistyped)).toEqual([]);
    expect(mistyped.errors).toContain('No records in the cluster prdo. Similar: prod.');
    expect(mistyped.errors).toContain('1 record in the files names no cluster. Name it with --cluster-name.');
  });

  it('may come from standard input, which is then the place of rejects', async () => {
    using folder = new Folder();
    const result = await attributeFiles(folder, { audit: ['-'] }, `${good('a')}\nnothing`);
    expect(ids(result)).toEqual(['a']);
    expect(result.rejects).toEqual([{ file: '-', place: 'line 2', reason: 'not-json', sample: 'nothing' }]);
  });

  it('may come from a pipe, beside files that are written', async () => {
    using folder = new Folder();
    const [file, trail] = [folder.file('a', good('a')), folder.file('c', GRANT)];
    const [out, rejects] = [folder.at('out'), folder.at('rejects')];
    const line = `attribute --audit <(cat ${file}) --cloudtrail <(cat ${trail}) --output-file ${out} --rejects ${rejects}`;
    const { status, errors } = await shell(line);
    expect([status, errors]).toEqual([0, '']);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ attribution: { status: 'attributed' } });
  });

  it('end quietly if the reader goes away, as head does', async () => {
    using folder = new Folder();
    const audit = folder.file('a', Array.from({ length: 30_000 }, (_, at) => good(`a${at}`)).join('\n'));
    const empty = folder.file('c', '');
    const line = `"${process.execPath}" bin/eks-whois attribute --audit ${audit} --cloudtrail ${empty} 2>${folder.at('errors')} | head -n 2; echo "$\{PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', line], { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(child, 'close');
    const lines = Buffer.concat(chunks).toString('utf8').trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('0');
    expect(readFileSync(folder.at('errors'), 'utf8')).toBe('');
  });
});
