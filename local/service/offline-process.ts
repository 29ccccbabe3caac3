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
/** Message for a person if the functions end without being stopped. */
export const ENDED = 'The functions ended unexpectedly. Start again: the service continues with what is stored.';

interface OfflineOptions {
  /** A free port for the API. */
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: LocalClock;
  /** Ends the process, even before it is ready. */
  readonly signal: AbortSignal;
}

/**
 * The bundled functions under serverless-offline, in a separate process: the API on its port, and each function for
 * invocation through Lambda's API.
 */
export class OfflineProcess {
  readonly #child: ChildProcess;
  readonly #bundles: string;
  readonly #clock: LocalClock;
  readonly #waiting = new Map<number, { readonly pass: () => void; readonly fail: (error: Error) => void }>();
  #barriers = 0;
  /** Resolves when the process has ended, for any reason. */
  readonly ended: Promise<void>;
  /** The endpoint of Lambda's API, with a secret. */
  readonly lambdaUrl: string;

  private constructor(child: ChildProcess, lambdaUrl: string, bundles: string, clock: LocalClock) {
    this.#child = child;
    this.#bundles = bundles;
    this.#clock = clock;
    this.lambdaUrl = lambdaUrl;
    child.on('message', ({ passed }: PassedBarrier) => this.#pass(passed));
    this.ended = once(child, 'exit').then(() => this.#fail());
  }

  /**
   * Starts the functions.
   * @throws LocalError if they cannot be bundled or loaded.
   */
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
    if (signal.aborted) kill(child); // It may have been aborted during the search for a port.
    await untilReady(child).catch(async (fault: unknown) => {
      kill(child);
      await removeBundles(join(ROOT, bundles));
      throw fault;
    });
    return new OfflineProcess(child, `http://${HOST}:${lambdaPort}/${secret}`, join(ROOT, bundles), options.clock);
  }

  /** Returns the name of a function in Lambda's API. */
  nameOf(name: string): string {
    return `eks-whois-${STAGE}-${name}`;
  }

  /**
   * Waits until the handlers use the clock's current time.
   * @throws LocalError if the functions ended.
   */
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

/**
 * Starts the process in its own process group. Ctrl-C at a terminal then reaches only the parent, which ends the group.
 */
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
 * Kills the process together with esbuild, which it starts and which might still write bundles. It holds no data that
 * could be lost, and would otherwise wait for open connections.
 */
function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process ended already.
  }
}

async function removeBundles(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/**
 * Waits until the functions are ready. Collects the output until then and discards it afterwards: questions and answers
 * must not be logged. After an error the process does not end by itself.
 */
async function untilReady(child: ChildProcess): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string) => reject(new LocalError(`The functions could not be started: ${reason}`));
    const take = (piece: unknown) => {
      output += String(piece);
      if (output.includes('Server ready: ')) resolve();
      const reason = reportedError(output);
      if (reason !== undefined) fail(reason);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', reject);
    child.once('exit', () => fail(lastReason(output)));
  });
  for (const stream of [child.stdout, child.stderr]) stream?.removeAllListeners('data').resume();
}

/**
 * Returns why the functions cannot be started, from osls' output so far; undefined if there is no error, or not its
 * whole first sentence. After an error osls does not end by itself while work such as bundling is pending (osls,
 * lib/cli/handle-error.js).
 */
export function reportedError(output: string): string | undefined {
  const found = /^Error:\s*\n([\s\S]*)\n/m.exec(output)?.[1];
  return found === undefined ? undefined : sentence(found);
}

/** Returns the reason from the whole output of a process that ended. */
export function lastReason(output: string): string {
  const [, behind = output] = /Error:\s+([\s\S]*)/.exec(output) ?? [];
  return sentence(behind) ?? linesOf(behind)[0] ?? 'no reason was given';
}

/** Returns a sentence without the stack. If a line ends with a colon, the reason is on the next line. */
function sentence(text: string): string | undefined {
  const [first, second] = linesOf(text);
  if (first === undefined || !first.endsWith(':')) return first;
  return second === undefined ? undefined : `${first} ${second}`;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim().replace(/^Error: /, ''));
  return lines.filter((line) => line !== '');
}

/** Folder of the bundles of services on this machine, relative to the checkout. */
const CACHE = 'node_modules/.cache';
const NAME = /^eks-whois-local-(\d+)(?:-\d+)?$/;

/** Returns the folder for the service that this process runs on the port. */
export function bundlesOf(port: number): string {
  return `${CACHE}/eks-whois-local-${process.pid}-${port}`;
}

/** Removes bundles of services that were killed together with their functions. */
export async function removeAbandonedBundles(checkout: string): Promise<void> {
  const cache = join(checkout, CACHE);
  const names = await readdir(cache).catch(() => []); // The folder may not exist yet.
  const abandoned = names.filter((name) => {
    const pid = NAME.exec(name)?.[1];
    return pid !== undefined && !runs(Number(pid));
  });
  await Promise.all(abandoned.map((name) => rm(join(cache, name), { recursive: true, force: true })));
}

/** Returns whether a process with this ID exists, of any user. */
function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
