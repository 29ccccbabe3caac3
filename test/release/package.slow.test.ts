import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Folder, REPOSITORY } from '../builders/command.ts';

/** Made as `npm pack` makes it, and installed into an empty folder, with what a person's machine has: Node.js and npm. */
const folder = new Folder();
const PROJECT = join(folder.path, 'project');
let tarball: string;

/** npm's own packages of Node.js, the oldest that the package promises and the newest. */
const VERSIONS = ['20', '22', '24'];

beforeAll(() => {
  npm(REPOSITORY, 'pack', '--silent', '--pack-destination', folder.path);
  const [name = ''] = readdirSync(folder.path).filter((file) => file.endsWith('.tgz'));
  tarball = folder.at(name);
  mkdirSync(PROJECT);
  npm(PROJECT, 'init', '--yes');
  npm(PROJECT, 'install', '--silent', '--no-audit', '--no-fund', tarball);
  for (const version of VERSIONS) {
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

/** The installed command on that Node.js, with nothing of the checkout in reach. */
function run(version: string, args: readonly string[], name = 'eks-whois') {
  const node = folder.at(`node-${version}/node_modules/node/bin/node`);
  const { status, stdout, stderr } = spawnSync(node, [join(PROJECT, 'node_modules/.bin', name), ...args], {
    cwd: INSTALLED,
    env: { PATH: dirname(node), HOME: folder.path },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('the package', () => {
  it('installs nothing beside itself, and has under 5 MB', () => {
    expect(readdirSync(join(PROJECT, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['eks-whois']);
    expect(statSync(tarball).size).toBeLessThan(5_000_000);
  });

  it('has the licences of what is bundled', () => {
    const text = readFileSync(join(INSTALLED, 'dist/LICENSES.txt'), 'utf8');
    const isNamed = (name: string) => text.includes(`\n${name} `);
    expect(['commander', '@aws-sdk/client-dynamodb', 'preact', 'core-js'].filter((name) => !isNamed(name))).toEqual([]);
  });

  it('holds nothing of the machine that made it', () => {
    const files = readdirSync(join(INSTALLED, 'dist')).map((name) =>
      readFileSync(join(INSTALLED, 'dist', name), 'utf8'),
    );
    for (const text of files) expect(text).not.toContain(REPOSITORY);
  });

  describe.each(VERSIONS)('on Node.js %s', (version) => {
    const EXAMPLES = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];

    it('names its version', () => {
      const { version: stated } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
      expect(run(version, ['--version'])).toEqual({ status: 0, stdout: `${stated}\n`, stderr: '' });
    });

    it("answers the README's first question, also as kubectl's plugin", () => {
      const question = ['b90d4f36-f87d-47cd-a132-32b7e09aed63', ...EXAMPLES];
      const { status, stdout } = run(version, question);
      expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('ben.okafor  (iam-user)') });
      expect(run(version, question, 'kubectl-whois')).toMatchObject({ status: 0, stdout });
    });

    it('attributes files as a checkout does, by its thread', () => {
      const { status, stdout } = run(version, ['attribute', ...EXAMPLES]);
      const expected = spawnSync(process.execPath, ['bin/eks-whois', 'attribute', ...EXAMPLES], {
        cwd: REPOSITORY,
        encoding: 'utf8',
      });
      expect(status).toBe(0);
      expect(stdout).toBe(expected.stdout);
    });

    it('loads every command', () => {
      for (const command of ['incident', 'records', 'doctor', 'backfill', 'kubeconfig', 'console', 'configure'])
        expect(run(version, [command, '--help'])).toMatchObject({ status: 0, stderr: '' });
      expect(run(version, ['doctor', '--offline', '--aws-auth', 'examples/aws-auth.yaml'])).toMatchObject({
        stderr: expect.not.stringMatching(/\n\s+at /),
      });
    });

    it('says where the service on this machine runs', () => {
      const { status, stderr } = run(version, ['local', '--data', folder.at('data')]);
      expect([status, stderr]).toEqual([1, expect.stringContaining('runs from a checkout alone')]);
    });
  });
});
