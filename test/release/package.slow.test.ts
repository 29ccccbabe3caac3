import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productVersion } from '../../cli/own-files.ts';
import { PACKED_SAMPLES } from '../../examples/forms.ts';
import { Folder, REPOSITORY } from '../builders/command.ts';

/** Made as `npm pack` makes it, and installed into an empty folder, with what a person's machine has: Node.js and npm. */
const folder = new Folder();
const PROJECT = join(folder.path, 'project');
let tarball: string;

const VERSION = productVersion();
/** npm's own packages of Node.js, from the oldest that the package promises to the newest, which is the checkout's own. */
const VERSIONS = ['20', '22', '24'];
const OWN_VERSION = '24';
/** What holds for the oldest and the newest is not asked of those between, where it takes many starts. */
const ENDS = [VERSIONS.at(0), VERSIONS.at(-1)];

beforeAll(() => {
  npm(REPOSITORY, 'pack', '--silent', '--pack-destination', folder.path);
  const [name = ''] = readdirSync(folder.path).filter((file) => file.endsWith('.tgz'));
  tarball = folder.at(name);
  mkdirSync(PROJECT);
  npm(PROJECT, 'init', '--yes');
  npm(PROJECT, 'install', '--silent', '--no-audit', '--no-fund', tarball);
  for (const version of VERSIONS.filter((each) => each !== OWN_VERSION)) {
    const own = folder.at(`node-${version}`);
    mkdirSync(own);
    npm(own, 'init', '--yes');
    npm(own, 'install', '--silent', '--no-audit', '--no-fund', `node@${version}`);
  }
});
afterAll(() => folder[Symbol.dispose]());

function npm(cwd: string, ...args: readonly string[]): void {
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}

const INSTALLED = join(PROJECT, 'node_modules/eks-whois');
const FORMS = join(REPOSITORY, 'examples/forms');

/** The installed command on that Node.js, with nothing of the checkout in reach. */
function run(version: string, args: readonly string[], name = 'eks-whois', input = '') {
  const place = version === OWN_VERSION ? REPOSITORY : folder.at(`node-${version}`);
  const node = join(place, 'node_modules/node/bin/node');
  const { status, stdout, stderr } = spawnSync(node, [join(PROJECT, 'node_modules/.bin', name), ...args], {
    cwd: INSTALLED,
    env: { PATH: dirname(node), HOME: folder.path },
    encoding: 'utf8',
    input,
  });
  return { status, stdout, stderr };
}

describe('the package', () => {
  it('installs no dependencies, and is smaller than 5 MB', () => {
    expect(readdirSync(join(PROJECT, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['eks-whois']);
    expect(statSync(tarball).size).toBeLessThan(5_000_000);
  });

  it('has the documents that the help names', () => {
    for (const name of ['record.md', 'configure.md', 'questions.md', 'output.md'])
      expect(statSync(join(INSTALLED, 'docs', name)).size).toBeGreaterThan(1_000);
  });

  it('has the licenses of the bundled packages', () => {
    const text = readFileSync(join(INSTALLED, 'dist/LICENSES.txt'), 'utf8');
    const isNamed = (name: string) => text.includes(`\n${name} `);
    const names = ['commander', '@aws-sdk/client-dynamodb', 'preact', 'core-js', '@modelcontextprotocol/sdk', 'zod'];
    expect(names.filter((name) => !isNamed(name))).toEqual([]);
  });

  it('contains nothing from the machine that built it', () => {
    const files = readdirSync(join(INSTALLED, 'dist')).map((name) =>
      readFileSync(join(INSTALLED, 'dist', name), 'utf8'),
    );
    for (const text of files) expect(text).not.toContain(REPOSITORY);
  });

  describe.each(VERSIONS)('on Node.js %s', (version) => {
    const EXAMPLES = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];

    it('prints its version', () => {
      const { version: stated } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
      expect(run(version, ['--version'])).toEqual({ status: 0, stdout: `${stated}\n`, stderr: '' });
    });

    it("answers the README's first question, also as kubectl's plugin", () => {
      const question = ['b90d4f36-f87d-47cd-a132-32b7e09aed63', ...EXAMPLES];
      const { status, stdout } = run(version, question);
      expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('ben.okafor  (IAM user)') });
      expect(run(version, question, 'kubectl-whois')).toMatchObject({ status: 0, stdout });
    });

    it('attributes files as a checkout does, in its worker thread', () => {
      const { status, stdout } = run(version, ['attribute', ...EXAMPLES]);
      const expected = spawnSync(process.execPath, ['bin/eks-whois', 'attribute', ...EXAMPLES], {
        cwd: REPOSITORY,
        encoding: 'utf8',
      });
      expect(status).toBe(0);
      expect(stdout).toBe(expected.stdout);
    });

    it.runIf(ENDS.includes(version))('reads every packed sample', () => {
      const read = (sample: string) => {
        const trail = ['--cloudtrail', join(FORMS, 'cloudtrail/log-file.json')];
        const { status, stdout } = run(version, [
          'attribute',
          '--audit',
          join(FORMS, sample),
          ...trail,
          '--cluster-name',
          'prod',
        ]);
        return { status, stdout };
      };
      const expected = read('audit/events.jsonl');
      expect(expected.stdout.split('\n').length).toBeGreaterThan(3);
      for (const { file } of PACKED_SAMPLES) expect([file, read(`packed/${file}`)]).toEqual([file, expected]);
    });

    it('answers questions over files without a warning', () => {
      const { status, stdout, stderr } = run(version, ['records', '--actor', 'hana.sato', '-o', 'jsonl', ...EXAMPLES]);
      expect([status, stderr]).toEqual([0, expect.stringMatching(/^\d+ records\n$/)]);
      expect(stdout).toContain('hana.sato');
      expect(run(version, ['sessions', ...EXAMPLES])).toMatchObject({ status: 0, stderr: '9 sessions\n' });
    });

    it.runIf(ENDS.includes(version))('loads every command', () => {
      for (const command of ['incident', 'records', 'doctor', 'backfill', 'kubeconfig', 'console', 'configure'])
        expect(run(version, [command, '--help'])).toMatchObject({ status: 0, stderr: '' });
      expect(run(version, ['doctor', '--offline', '--aws-auth', 'examples/aws-auth.yaml'])).toMatchObject({
        stderr: expect.not.stringMatching(/\n\s+at /),
      });
    });

    it("answers an assistant's program", () => {
      const call = { name: 'whois', arguments: { q: 'b90d4f36-f87d-47cd-a132-32b7e09aed63' } };
      const line = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: call })}\n`;
      const { status, stdout } = run(version, ['mcp', ...EXAMPLES], 'eks-whois', line);
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ result: { structuredContent: { actor: { name: 'ben.okafor' } } } });
    });

    it('says where the service on this machine runs', () => {
      const { status, stderr } = run(version, ['local', '--data', folder.at('data')]);
      expect([status, stderr]).toEqual([1, expect.stringContaining('runs only from a checkout')]);
    });
  });
});

describe('a release', () => {
  /** The one that `.ci/run` has made of this checkout, or one of our own. */
  const { EKS_WHOIS_RELEASE: first = folder.at('first') } = process.env;
  const second = folder.at('second');

  beforeAll(() => {
    for (const made of [first, second].filter((each) => each !== process.env.EKS_WHOIS_RELEASE))
      execFileSync(process.execPath, ['release/release.ts', made], { cwd: REPOSITORY, stdio: 'ignore' });
  });

  const read = (made: string, name: string) => readFileSync(join(made, name));
  const named = (ending: string) => readdirSync(first).find((name) => name.endsWith(ending)) ?? '';

  it('has the same bytes each time, as its checksums say', () => {
    const names = readdirSync(first);
    expect(readdirSync(second)).toEqual(names);
    for (const name of names) expect([name, read(first, name).equals(read(second, name))]).toEqual([name, true]);
    const stated = read(first, 'SHA256SUMS')
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('  '));
    expect(stated.map(([, name]) => name)).toEqual(names.filter((name) => name !== 'SHA256SUMS'));
    for (const [sum, name = ''] of stated)
      expect([name, createHash('sha256').update(read(first, name)).digest('hex')]).toEqual([name, sum]);
  });

  it('has the code that its templates use', () => {
    const options = ['hub', 'spoke'].flatMap((kind) => {
      const text = read(first, named(`-${kind}.yaml`)).toString();
      return [...text.matchAll(/S3Key:\s+Fn::Sub: \$\{CodePrefix\}(\S+)/g)].map(([, key]) => key);
    });
    expect(new Set(options).size).toBe(7);
    expect(readdirSync(first)).toEqual(expect.arrayContaining(options));
  });

  it('lists the bundled packages with their licenses', () => {
    const { components } = JSON.parse(read(first, named('sbom.cdx.json')).toString());
    const names = components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['@middy/core', '@aws-sdk/client-dynamodb', 'commander', 'preact']));
    expect(new Set(names.map((name: string, at: number) => `${name} ${components[at].version}`)).size).toBe(
      names.length,
    );
    for (const { licenses } of components) expect(JSON.stringify(licenses)).not.toContain('""');
  });

  it('has the schema of eks-whois.yaml, in the package and as a file', () => {
    const schema = readFileSync(join(REPOSITORY, 'eks-whois.schema.json'));
    expect(read(first, named('-schema.json')).equals(schema)).toBe(true);
    expect(readFileSync(join(INSTALLED, 'eks-whois.schema.json')).equals(schema)).toBe(true);
  });
});

describe('the single executable', () => {
  const NAMES = ['x64', 'arm64'].map((arch) => `eks-whois-${VERSION}-linux-${arch}`);
  const made = (at: string) => folder.at(at);
  const executable = () => join(made('executables'), NAMES[0] ?? '');

  /** Runs it with nothing in its environment but a home folder. */
  const start = (args: readonly string[], home: string) =>
    spawnSync(executable(), args, { env: { HOME: home }, cwd: folder.path, encoding: 'utf8' });

  beforeAll(() => {
    npm(REPOSITORY, 'run', '--silent', 'release:executables', '--', made('executables'));
    npm(REPOSITORY, 'run', '--silent', 'release:executables', '--', made('again'), 'x64');
  });

  it('is built for two processors, with the same bytes each time', () => {
    const machines = NAMES.map((name) => readFileSync(join(made('executables'), name)).readUInt16LE(18));
    expect(machines).toEqual([62, 183]); // ELF's e_machine: EM_X86_64, EM_AARCH64
    const [first, again] = ['executables', 'again'].map((at) => digestOf(join(made(at), NAMES[0] ?? '')));
    expect(again).toBe(first);
  });

  it.runIf(process.arch === 'x64')('runs with nothing beside it', () => {
    const home = made('home');
    mkdirSync(home);
    expect(start(['--version'], home).stdout).toBe(`${VERSION}\n`);
    const { status, stdout } = start(
      [
        'attribute',
        '--audit',
        join(REPOSITORY, 'examples/audit'),
        '--cloudtrail',
        join(REPOSITORY, 'examples/cloudtrail'),
      ],
      home,
    );
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(141);
    expect(readdirSync(join(home, '.cache/eks-whois'))).toHaveLength(1);
  });

  it.runIf(process.arch === 'x64')(
    'runs nothing that others may have laid into its cache, or where there is none',
    () => {
      const home = made('shared-home');
      mkdirSync(join(home, '.cache/eks-whois'), { recursive: true });
      chmodSync(join(home, '.cache/eks-whois'), 0o777);
      expect(start(['--version'], home).stdout).toBe(`${VERSION}\n`);
      expect(readdirSync(join(home, '.cache/eks-whois'))).toEqual([]);
      expect(start(['--version'], '/dev/null').stdout).toBe(`${VERSION}\n`);
    },
  );
});

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
