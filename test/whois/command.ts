import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { type CloudTrailOptions, type CloudTrailServer, startCloudTrail } from '../../local/cloudtrail/server.ts';
import { runWithin } from '../builders/within.ts';

const COMMAND = fileURLToPath(new URL('../../bin/eks-whois', import.meta.url));

export const HOME_ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
/** The account that each access key's credentials see. */
const ACCOUNTS = { AKIAHOME000000000001: HOME_ACCOUNT, AKIAOTHER00000000001: OTHER_ACCOUNT };

const ending: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
});

/** A CloudTrail on loopback that keeps to AWS's limit of 2 requests a second. */
export async function cloudTrail(records: unknown[], options: CloudTrailOptions = {}): Promise<CloudTrailServer> {
  const server = await startCloudTrail({ records, accounts: ACCOUNTS, ...options });
  ending.push(() => server.close());
  return server;
}

/** The option by which the command reads the records from a file. */
export async function trailFile(records: readonly object[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'eks-whois-trail-'));
  ending.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'trail.json'), JSON.stringify({ Records: records }));
  return ['--cloudtrail', folder];
}

export interface CommandOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly done: Promise<CommandOutcome>;
  interrupt(): void;
}

/** An environment with the profiles `home` and `other`, whose CloudTrail is the server. */
async function signedIn(server: { url: string }): Promise<NodeJS.ProcessEnv> {
  const home = await mkdtemp(join(tmpdir(), 'eks-whois-home-'));
  ending.push(() => rm(home, { recursive: true }));
  const credentials = Object.keys(ACCOUNTS).map(
    (key, at) => `[${at === 0 ? 'home' : 'other'}]\naws_access_key_id=${key}\naws_secret_access_key=secret\n`,
  );
  await writeFile(join(home, 'credentials'), credentials.join('\n'));
  return {
    PATH: process.env.PATH,
    HOME: home,
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_CLOUDTRAIL: server.url,
  };
}

/** Starts the real command as a process of its own, which can be interrupted. */
export async function start(server: { url: string }, args: readonly string[]): Promise<Running> {
  const env = await signedIn(server);
  const child = spawn(process.execPath, [COMMAND, 'whois', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => {
    text.stdout += String(data);
  });
  child.stderr.on('data', (data) => {
    text.stderr += String(data);
  });
  const done = new Promise<CommandOutcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...text }));
  });
  return { done, interrupt: () => child.kill('SIGINT') };
}

export function whois(server: { url: string }, args: readonly string[]): Promise<CommandOutcome> {
  return signedInCommand(server, ['whois', ...args]);
}

/** Any command, which ends by itself. */
export async function signedInCommand(server: { url: string }, args: readonly string[]): Promise<CommandOutcome> {
  const { status, output, errors } = await runWithin(args, { environment: await signedIn(server) });
  return { status, stdout: output, stderr: errors };
}

/** So many minutes ago, as CloudTrail writes times. */
export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
}
