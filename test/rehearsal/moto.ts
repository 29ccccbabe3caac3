import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { REPOSITORY } from '../builders/command.ts';

interface Moto extends AsyncDisposable {
  readonly url: string;
}

/** Returns the moto at the address; starts one if there is none. @throws if Python has no moto. */
export async function startMoto(url: string | undefined): Promise<Moto> {
  if (url !== undefined) return { url, [Symbol.asyncDispose]: async () => undefined };
  const python = process.env.EKS_WHOIS_PYTHON ?? 'python3';
  const child = spawn(python, ['.ci/moto-server.py', '-H', '127.0.0.1', '-p', '0'], {
    cwd: REPOSITORY,
    env: { ...process.env, MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => {
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    });
  child.on('error', () => resolve(undefined));
  child.on('exit', () => resolve(undefined));
  const started = await promise;
  if (started === undefined)
    throw new Error(
      `${python} cannot start moto. Install it into a virtual environment (pip install 'moto[server]==5.2.5'), and name its Python in EKS_WHOIS_PYTHON.`,
    );
  return {
    url: started,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL'); // it would take minutes to free what it holds
      await once(child, 'exit');
    },
  };
}
