import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { portOf, stop } from '../../local/loopback/guard.ts';

/** A function as Lambda runs it: a process that asks the runtime API what to do, and answers it there. */
export interface RunningFunction extends AsyncDisposable {
  /** Returns the handler's answer. @throws the error with which it ended. */
  invoke(event: object): Promise<unknown>;
}

interface PendingInvocation {
  readonly event: object;
  done(answer: unknown): void;
  failed(error: Error): void;
}

/** The context of a function, beside its environment. */
export interface Surroundings {
  /** The time of each invocation, in epoch milliseconds. */
  readonly now?: () => number;
  /** Takes each line that the function writes: its log and its metrics. */
  readonly line?: (line: string) => void;
}

const SECOND = 1_000;

/**
 * Starts the module's `handler` under a runtime API of our own, in that environment alone. Source: Lambda Developer Guide, "Using
 * the Lambda runtime API for custom runtimes".
 */
export async function startFunction(
  module: string,
  environment: Readonly<Record<string, string>>,
  { now = () => Date.now(), line }: Surroundings = {},
): Promise<RunningFunction> {
  const api = new RuntimeApi(now);
  const server = createServer((request, response) => void api.answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const child = spawn(process.execPath, [new URL('runtime.mjs', import.meta.url).pathname, module], {
    env: { ...environment, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${portOf(server)}`, AWS_LAMBDA_FUNCTION_NAME: 'f' },
    stdio: line === undefined ? ['ignore', 'ignore', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
  child.setMaxListeners(0); // each waiting invocation has one
  for (const stream of [child.stdout, child.stderr])
    if (line !== undefined && stream !== null) createInterface(stream).on('line', line);
  return {
    async invoke(event) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const gone = (code: number | null) => reject(new Error(`the function ended with ${code}`));
      child.once('exit', gone);
      api.take({ event, done: resolve, failed: reject });
      return promise.finally(() => child.off('exit', gone));
    },
    async [Symbol.asyncDispose]() {
      await ended(child);
      await stop(server);
    },
  };
}

/** Holds invocations until the function asks for them, and then until it has answered. */
class RuntimeApi {
  readonly #queue: PendingInvocation[] = [];
  readonly #handedOut = new Map<string, PendingInvocation>();
  #wake: () => void = () => undefined;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  take(waiting: PendingInvocation): void {
    this.#queue.push(waiting);
    this.#wake();
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (path.endsWith('/invocation/next')) return this.#next(response);
    const [, id = '', what] = /\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const body: unknown = JSON.parse((await bodyOf(request)) || 'null');
    if (what === 'response') this.#handedOut.get(id)?.done(body);
    else this.#handedOut.get(id)?.failed(new Error(JSON.stringify(body)));
    response.writeHead(202).end();
  }

  async #next(response: ServerResponse): Promise<void> {
    while (this.#queue.length === 0) await this.#untilWoken();
    for (const next of this.#queue.splice(0, 1)) this.#handedOut.set(hand(next.event, response, this.#now()), next);
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Tells the function what to do; answers with the id of the request. */
function hand(event: object, response: ServerResponse, now: number): string {
  const id = crypto.randomUUID();
  response.setHeader('Lambda-Runtime-Aws-Request-Id', id);
  response.setHeader('Lambda-Runtime-Deadline-Ms', String(now + 900 * SECOND));
  response.setHeader('Rehearsed-Time-Ms', String(now));
  response.setHeader('Lambda-Runtime-Invoked-Function-Arn', 'arn:aws:lambda:eu-west-1:111122223333:function:f');
  response.end(JSON.stringify(event));
  return id;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
