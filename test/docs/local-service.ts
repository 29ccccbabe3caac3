import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../builders/command.ts';
import { freePort } from '../service/running-service.ts';
import { TablesAtRest } from './tables-at-rest.ts';

/** `eks-whois local` over the examples, and a copy of its tables as they are when it is ready. */
export interface LocalService {
  readonly url: string;
  readonly tables: TablesAtRest;
  stop(): Promise<void>;
}

export async function startLocalService(): Promise<LocalService> {
  const folder = await mkdtemp(join(tmpdir(), 'eks-whois-docs-'));
  const port = await freePort();
  const args = [join(REPOSITORY, 'bin/eks-whois'), 'local', '--port', String(port), '--data', folder];
  const child = spawn(process.execPath, args, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString('utf8');
      if (said.includes('ready: ')) resolve();
    });
    child.on('exit', () => reject(new Error(`The service ended before it was ready:\n${said}`)));
  });
  const tables = await TablesAtRest.copyOf(folder);
  return {
    url: `http://127.0.0.1:${port}`,
    tables,
    async stop() {
      await tables.stop();
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true });
    },
  };
}
