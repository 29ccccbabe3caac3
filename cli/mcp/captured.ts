import { Readable, Writable } from 'node:stream';
import type { Command } from 'commander';
import { tellFailure } from '../failures/tell-failure.ts';
import { tellingUsage } from '../options/usage-errors.ts';

/** How a command ended, and what it wrote. */
export interface Ended {
  /** As the process would have ended (contract, "Exit status"). */
  readonly status: number;
  /** Its result; undefined where it is larger than what is kept. */
  readonly output: string | undefined;
  /** What it told people, escaped as for a terminal. */
  readonly told: string;
}

/** In characters: no client hands a larger answer to a model. */
export const MOST_OF_AN_ANSWER = 1024 * 1024;

/**
 * Runs a command of the command line within this process, with streams of its own in place of the process's: nothing that it
 * writes reaches the protocol, and it finds nothing on standard input. One at a time, since a process has one of each.
 */
export async function captured(command: Command, words: readonly string[]): Promise<Ended> {
  const [output, told] = [new Kept(), new Kept()];
  const restore = [replaced('stdin', Readable.from([])), replaced('stdout', output), replaced('stderr', told)];
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    const status = await ranTo(command, words);
    return { status, output: output.text, told: told.text ?? '' };
  } finally {
    process.exitCode = exitCode;
    for (const each of restore) each();
  }
}

async function ranTo(command: Command, words: readonly string[]): Promise<number> {
  try {
    await tellingUsage(command).showHelpAfterError(false).parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return tellFailure(error);
  }
}

class Kept extends Writable {
  readonly #pieces: Buffer[] = [];
  #size = 0;

  override _write(piece: Buffer, _: BufferEncoding, done: () => void): void {
    this.#size += piece.length;
    if (this.#size <= MOST_OF_AN_ANSWER) this.#pieces.push(piece);
    done();
  }

  get text(): string | undefined {
    return this.#size > MOST_OF_AN_ANSWER ? undefined : Buffer.concat(this.#pieces).toString('utf8');
  }
}

function replaced(name: 'stdin' | 'stdout' | 'stderr', value: Readable | Writable): () => void {
  const before = Object.getOwnPropertyDescriptor(process, name);
  Object.defineProperty(process, name, { value, configurable: true });
  return () => void (before && Object.defineProperty(process, name, before));
}
