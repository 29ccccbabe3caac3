import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../lib/adapters/files/paths.ts';
import { HOST, newSecret } from '../loopback/guard.ts';
import type { LocalClock } from './local-clock.ts';
import { LocalError } from './local-error.ts';
import type { Barrier, PassedBarrier } from './offline-messages.ts';
import { freePort } from './port.ts';

const ROOT = join(import.meta.dirname, '../..');
const OSLS = join(ROOT, 'node_modules/osls/bin/serverless.js');
const PRELOAD = new URL('offline-preload.ts', import.meta.url).href;
const STAGE = 'local';
/** For a person, where nobody stopped them. */
export const ENDED = 'The functions ended by themselves: start again, which goes on with what there is.';

interface OfflineOptions {
  /** Where the API answers: one that is free. */
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: LocalClock;
  /** Ends the process, also before it is ready. */
  readonly signal: AbortSignal;
}

/**
 * The bundled functions under serverless-offline, in a process of their own: the API on its port, and each function to
 * be invoked as Lambda's own API has it.
 */
export class OfflineProcess {
  readonly #child: ChildProcess;
  readonly #bundles: string;
  readonly #clock: LocalClock;
  readonly #waiting = new Map<number, { readonly pass: () => void; readonly fail: (error: Error) => void }>();
  #barriers = 0;
  /** The process ended, wanted or not. */
  readonly ended: Promise<void>;
  /** The endpoint of Lambda's API, for whoever was told it. */
  readonly lambdaUrl: string;

  private constructor(child: ChildProcess, lambdaUrl: string, bundles: string, clock: LocalClock) {
    this.#child = child;
    this.#bundles = bundles;
    this.#clock = clock;
    this.lambdaUrl = lambdaUrl;
    child.on('message', ({ passed }: PassedBarrier) => this.#pass(passed));
    this.ended = once(child, 'exit').then(() => this.#fail());
  }

  /** @throws LocalError where the functions cannot be bundled or loaded. */
  static async start(options: OfflineOptions): Promise<OfflineProcess> {
    const { port, signal } = options;
    await removeAbandonedBundles(ROOT);
    const lambdaPort = await freePort();
    const secret = newSecret();
    const bundles = bundlesOf(port);
    const child = spawnOffline(port, lambdaPort, {
      ...options.environment,
      EKS_WHOIS_OFFLINE: 'true',
      EKS_WHOIS_BUNDLES: bundles,
      EKS_WHOIS_PORT: String(port),
      EKS_WHOIS_SECRET: secret,
      NO_COLOR: '1',
    });
    signal.addEventListener('abort', () => kill(child), { once: true });
    if (signal.aborted) kill(child); // while a port was sought
    await untilReady(child).catch(async (fault: unknown) => {
      kill(child);
      await removeBundles(join(ROOT, bundles));
      throw fault;
    });
    return new OfflineProcess(child, `http://${HOST}:${lambdaPort}/${secret}`, join(ROOT, bundles), options.clock);
  }

  /** The name under which Lambda's API has a function. */
  nameOf(name: string): string {
    return `eks-whois-${STAGE}-${name}`;
  }

  /** From here on the handlers go by the clock as it stands. @throws LocalError where they are no more. */
  async barrier(): Promise<void> {
    this.#barriers += 1;
    const message: Barrier = { id: this.#barriers, time: this.#clock.time };
    await new Promise<void>((pass, fail) => {
      this.#waiting.set(message.id, { pass, fail });
      this.#child.send(message, (error) => error && this.#fail());
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      kill(this.#child);
      await this.ended;
    }
    await removeBundles(this.#bundles);
  }

  #pass(id: number): void {
    this.#waiting.get(id)?.pass();
    this.#waiting.delete(id);
  }

  #fail(): void {
    for (const { fail } of this.#waiting.values()) fail(new LocalError(ENDED));
    this.#waiting.clear();
  }
}

/** In a group of its own, so that Ctrl-C at a terminal comes to whoever started it, who ends it. */
function spawnOffline(port: number, lambdaPort: number, env: Readonly<Record<string, string>>): ChildProcess {
  const ports = ['--httpPort', String(port), '--lambdaPort', String(lambdaPort), '--host', HOST];
  const how = ['--useInProcess', '--localEnvironment', '--noAuth', '--noSponsor'];
  const stage = ['--stage', STAGE, '--region', 'us-east-1'];
  return spawn(process.execPath, ['--import', PRELOAD, OSLS, 'offline', 'start', ...stage, ...ports, ...how], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
}

/**
 * With esbuild, which it starts and which would write its bundles still. It holds nothing that could be lost, and would
 * wait for open connections.
 */
function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // they ended by themselves
  }
}

async function removeBundles(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/**
 * What it said is kept until it is ready, then thrown away: questions and answers are not to be logged. It does not end by itself
 * where it tells an error.
 */
async function untilReady(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string) => reject(new LocalError(`The functions could not be started: ${reason}`));
    const take = (piece: unknown) => {
      said += String(piece);
      if (said.includes('Server ready: ')) resolve();
      const reason = toldError(said);
      if (reason !== undefined) fail(reason);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', reject);
    child.once('exit', () => fail(lastReason(said)));
  });
  for (const stream of [child.stdout, child.stderr]) stream?.removeAllListeners('data').resume();
}

/**
 * Why the functions cannot be started, of what osls has said so far: undefined while it has told no error, or not the whole first
 * sentence of it. Behind its error it does not end by itself where something of it still waits, as what bundles does (osls,
 * lib/cli/handle-error.js).
 */
export function toldError(said: string): string | undefined {
  const told = /^Error:\s*\n([\s\S]*)\n/m.exec(said)?.[1];
  return told === undefined ? undefined : sentence(told);
}

/** Why, of all that it said before it ended. */
export function lastReason(said: string): string {
  const [, behind = said] = /Error:\s+([\s\S]*)/.exec(said) ?? [];
  return sentence(behind) ?? linesOf(behind)[0] ?? 'it did not say why';
}

/** Without the stack; of a line that ends with a colon the next one says it. */
function sentence(text: string): string | undefined {
  const [first, second] = linesOf(text);
  if (first === undefined || !first.endsWith(':')) return first;
  return second === undefined ? undefined : `${first} ${second}`;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim().replace(/^Error: /, ''));
  return lines.filter((line) => line !== '');
}

/** Where the bundles of services on this machine lie, from the checkout on. */
const CACHE = 'node_modules/.cache';
const NAME = /^eks-whois-local-(\d+)(?:-\d+)?$/;

/** The folder of the service that this process runs on that port. */
export function bundlesOf(port: number): string {
  return `${CACHE}/eks-whois-local-${process.pid}-${port}`;
}

/** Removes what services left that were killed together with their functions. */
export async function removeAbandonedBundles(checkout: string): Promise<void> {
  const cache = join(checkout, CACHE);
  const names = await readdir(cache).catch(() => []); // there is none yet
  const abandoned = names.filter((name) => {
    const pid = NAME.exec(name)?.[1];
    return pid !== undefined && !runs(Number(pid));
  });
  await Promise.all(abandoned.map((name) => rm(join(cache, name), { recursive: true, force: true })));
}

/** Whether there is such a process, whoever's it is. */
function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
