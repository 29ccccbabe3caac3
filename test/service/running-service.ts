import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { freePort } from '../../local/service/port.ts';
import { REPOSITORY } from '../builders/command.ts';

const COMMAND = join(REPOSITORY, 'bin/eks-whois');

/** `eks-whois local` over the examples, in a folder and on a port of its own. */
export interface RunningService {
  readonly url: string;
  /** The folder that it was given as `--data`. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts the service. Returns once it serves. */
export async function startService(): Promise<RunningService> {
  const folder = await mkdtemp(join(tmpdir(), 'eks-whois-service-'));
  const port = await freePort();
  const args = [COMMAND, 'local', '--port', String(port), '--data', folder];
  const child = spawn(process.execPath, args, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'inherit'] });
  await untilReady(child);
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    async stop() {
      await ended(child);
      await rm(folder, { recursive: true });
    },
  };
}

/** Waits until the service is ready, and reads its output also afterwards, so that its pipe does not break. */
function untilReady(child: ChildProcessByStdio<null, Readable, null>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let output = '';
  child.stdout.on('data', (piece: Buffer) => {
    output += piece.toString('utf8');
    if (output.includes('ready: ')) resolve();
  });
  child.on('error', reject);
  child.on('exit', () => reject(new Error(`The service ended before it was ready:\n${output}`)));
  return promise;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
