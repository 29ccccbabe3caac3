import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { runWithin } from '../builders/within.ts';
import { type EksServer, startEks, type World } from '../stand-ins/aws/eks.ts';

export const PROGRAM = fileURLToPath(new URL('../../bin/eks-whois', import.meta.url));

/** Takes from root what lets it read and write where others may not; the checkout may lie where only root may go. */
const WITHOUT_PRIVILEGES = ['setpriv', '--bounding-set=-chown,-dac_override,-dac_read_search,-fowner'];

/** Functions that `afterEach` calls to end what runs. */
const running: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((end) => end()));
});

/** How a process ended, with the temporary home folder written as `~`. */
export interface ProcessResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

export interface Person {
  /** A home folder of its own. */
  readonly home: string;
  readonly aws: EksServer;
  /** Runs `eks-whois`, signed in as alice; `environment` overrides, undefined takes away. */
  eksWhois(args: readonly string[], environment?: Readonly<Record<string, string | undefined>>): Promise<ProcessResult>;
  /** Runs another program, signed in as alice. */
  outside(program: string, args: readonly string[]): Promise<ProcessResult>;
  /** Writes a file below the home folder. */
  keep(path: string, text: string): Promise<string>;
  /** Returns the text of a file below the home folder. */
  text(path: string): Promise<string>;
}

export async function person(world: Partial<World> = {}, { plain = false } = {}): Promise<Person> {
  const aws = await startEks(world);
  const home = await mkdtemp(join(tmpdir(), 'eks-whois-home-'));
  running.push(aws.close, async () => {
    await chmod(home, 0o700);
    await rm(home, { recursive: true });
  });
  return {
    home,
    aws,
    eksWhois: async (args, environment = {}) => {
      const all = { ...signedIn(aws.url, home), ...environment };
      if ((plain && isRoot()) || all.NODE_OPTIONS !== undefined)
        return run([process.execPath, PROGRAM, ...args], home, all, plain);
      const { status, output, errors } = await runWithin(args, { environment: all, folder: home });
      return { status, stdout: output.replaceAll(home, '~'), stderr: withoutProgress(errors).replaceAll(home, '~') };
    },
    outside: (program, args) => run([program, ...args], home, signedIn(aws.url, home), false),
    async keep(path, text) {
      const file = join(home, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      return file;
    },
    text: (path) => readFile(join(home, path), 'utf8'),
  };
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Root may write anywhere: what a plain user may not is tried without that, where the system has a way to, and where the
 * checkout does not lie in a folder that another user alone may enter.
 */
export function canBePlain(): boolean {
  const [setpriv = '', ...options] = WITHOUT_PRIVILEGES;
  return !isRoot() || spawnSync(setpriv, [...options, process.execPath, PROGRAM, '--version']).status === 0;
}

/** Removes the lines about progress, because they depend on the speed of the machine. */
function withoutProgress(errors: string): string {
  return errors.replaceAll(/^eks-whois: Looking at [^\n]*\n/gm, '');
}

/** Nothing of this machine's own settings: it can reach the stand-ins, and nothing else. */
function signedIn(url: string, home: string): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    HOME: home,
    AWS_ENDPOINT_URL: url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAALICE00000000001',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
}

function run(words: readonly string[], home: string, env: NodeJS.ProcessEnv, plain: boolean): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const [program = '', ...args] = plain && isRoot() ? [...WITHOUT_PRIVILEGES, ...words] : words;
    const child = spawn(program, args, { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ stdout: stdout.replaceAll(home, '~'), stderr: stderr.replaceAll(home, '~'), status });
    });
  });
}

/** One clear sentence or two, no stack trace. */
export const ONE_SENTENCE = /^eks-whois: [^\n]{10,600}[.?]\n$/;

/** Everything that a run showed, for a golden file. */
export function shown({ stdout, stderr, status }: ProcessResult): string {
  return `${stdout}--- standard error\n${stderr}--- exit status ${status}\n`;
}
