import { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { vi } from 'vitest';

/** The exit status of a command, and its output. */
export interface CommandResult {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** The environment and the folder of a command. It gets no other variables. */
export interface Place {
  readonly environment: NodeJS.ProcessEnv;
  readonly folder?: string;
}

let last: Promise<unknown> = Promise.resolve();
let lastPlace: string | undefined;

/**
 * Runs the real command line in the test's own process, which saves the start of another one. It is for commands that
 * end by themselves and read no standard input. They run one at a time, because a process has one environment. If the
 * place differs from the one before, the command gets new modules, which remember neither its tables nor who signed in
 * there.
 */
export function runWithin(args: readonly string[], place: Place): Promise<CommandResult> {
  const run = last.then(() => runAlone(args, place));
  last = run.catch(() => undefined);
  return run;
}

/** Returns whether the command ends by itself, and needs only its arguments and its environment. */
export function canRunWithin([command, ...options]: readonly string[]): boolean {
  const words = [command, ...options];
  const isServing = command === 'local' || words.includes('--follow') || words.includes('-f');
  return !isServing && !words.some((word) => word === '-' || /^\/(?:dev|proc)\//.test(word ?? ''));
}

async function runAlone(
  args: readonly string[],
  { environment, folder = process.cwd() }: Place,
): Promise<CommandResult> {
  const [output, errors] = [new CapturedOutput(), new CapturedOutput()];
  const restore = [
    replaceEnvironment(environment),
    replaceFolder(folder),
    replaceStream('stdin', Readable.from([])),
    replaceStream('stdout', output),
    replaceStream('stderr', errors),
  ];
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    forgetOtherPlace(JSON.stringify([environment, folder]));
    const { main } = await import('../../cli/entry.ts');
    await main([process.execPath, 'eks-whois', ...args.map(asArgument)]);
    for (const stream of [output, errors]) await finished(stream.end());
    return { status: Number(process.exitCode ?? 0), output: output.text, errors: errors.text };
  } finally {
    process.exitCode = exitCode;
    for (const each of restore.reverse()) each();
  }
}

function forgetOtherPlace(place: string): void {
  if (lastPlace !== undefined && lastPlace !== place) vi.resetModules();
  lastPlace = place;
}

/** Returns the argument as the operating system passes it on: as bytes, so half a character is lost. */
function asArgument(text: string): string {
  return Buffer.from(text).toString();
}

class CapturedOutput extends Writable {
  readonly #pieces: Buffer[] = [];

  override _write(piece: Buffer, _: BufferEncoding, done: () => void): void {
    this.#pieces.push(piece);
    done();
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }
}

function replaceStream(name: 'stdin' | 'stdout' | 'stderr', value: Readable | Writable): () => void {
  const before = Object.getOwnPropertyDescriptor(process, name);
  Object.defineProperty(process, name, { value, configurable: true });
  return () => before && Object.defineProperty(process, name, before);
}

/** Replaces the environment in place, because functions of the operating system read it too. */
function replaceEnvironment(environment: NodeJS.ProcessEnv): () => void {
  const before = { ...process.env };
  setEnvironment(environment);
  return () => setEnvironment(before);
}

function setEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) process.env[name] = value;
}

function replaceFolder(folder: string): () => void {
  const before = process.cwd();
  process.chdir(folder);
  return () => process.chdir(before);
}
