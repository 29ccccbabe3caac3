import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { failureOf } from '../lib/adapters/files/paths.ts';
import { CommandFailure } from './failure.ts';

const BATCH = 64 * 1024;
/** What may wait in memory to be written while reading goes on, in bytes. */
const MOST_PENDING = 8 * 1024 * 1024;

/** Text to a file or standard output, gathered into larger writes; `drain` waits for a slow reader. */
export class TextOutput {
  readonly #stream: Writable;
  readonly #name: string;
  #gathered: string[] = [];
  #length = 0;
  #failure: Error | undefined;
  #closedByReader = false;

  constructor(stream: Writable, name: string) {
    this.#stream = stream;
    this.#name = name;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') this.#closedByReader = true;
      else this.#failure = error;
    });
  }

  /** Whether the reader went away, as `head` does: nothing more needs to be written. */
  get closedByReader(): boolean {
    return this.#closedByReader;
  }

  write(text: string): void {
    this.#gathered.push(text);
    this.#length += text.length;
  }

  /** Writes what was gathered, if it is enough; the promise waits until the stream takes more. */
  drain(least = BATCH): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#asFailure(this.#failure);
    if (this.#closedByReader || this.#length < least || this.#length === 0) return undefined;
    const text = this.#gathered.join('');
    this.#gathered = [];
    this.#length = 0;
    this.#stream.write(text);
    return this.#stream.writableLength < MOST_PENDING ? undefined : this.#untilDrained();
  }

  async #untilDrained(): Promise<void> {
    try {
      await once(this.#stream, 'drain');
    } catch (error) {
      if (!this.#closedByReader) throw this.#asFailure(error);
    }
  }

  /** Writes the rest, and closes a file. */
  async end(): Promise<void> {
    await this.drain(0);
    if (this.#stream === process.stdout || this.#stream === process.stderr) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve());
      this.#stream.end(() => resolve());
    });
    if (this.#failure !== undefined) throw this.#asFailure(this.#failure);
  }

  #asFailure(error: unknown): CommandFailure {
    return new CommandFailure(`${this.#name} ${failureOf(error)}: nothing more can be written.`, 1, { cause: error });
  }
}

/** Opens the file for writing before any work is done, so that a wrong path costs nothing. */
export async function outputTo(path: string | undefined): Promise<TextOutput> {
  if (path === undefined || path === '-') return new TextOutput(process.stdout, 'Standard output');
  return new TextOutput(await openFile(path), path);
}

async function openFile(path: string): Promise<WriteStream> {
  try {
    const handle = await open(path, 'w');
    return createWriteStream(path, { fd: handle.fd, autoClose: true }).on('close', () => void handle);
  } catch (error) {
    throw new CommandFailure(`${path} ${failureOf(error)}: give another file.`, 1, { cause: error });
  }
}
