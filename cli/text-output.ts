import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { failureOf } from '../lib/adapters/files/paths.ts';
import { escapeLines } from './escape.ts';
import { CommandFailure } from './failure.ts';

/** Where a command's results go: gathered to larger writes; `drain` waits for a slow reader. */
export interface TextOutput {
  write(text: string): void;
  /** Writes what was gathered, if it is enough; the promise, where there is one, waits until more is taken. */
  drain(): Promise<void> | undefined;
  /** Writes what was gathered, however little: somebody is watching. */
  flush(): void;
  /** Writes the rest, and closes a file. */
  end(): Promise<void>;
  /** Whether the reader went away, as `head` does: nothing more needs to be written. */
  readonly closedByReader: boolean;
}

/** Opens the file for writing before any work is done, so that a wrong path costs nothing. */
export function outputTo(path: string | undefined, how: 'anew' | 'append' = 'anew'): TextOutput {
  if (path === undefined || path === '-') return new StandardOutput();
  try {
    return new FileOutput(path, openSync(path, how === 'anew' ? 'w' : 'a'));
  } catch (error) {
    throw new CommandFailure(`${path} ${failureOf(error, 'written')}: give another file.`, 1, { cause: error });
  }
}

/** Writes a whole result to standard output. */
export async function printed(text: string): Promise<void> {
  const output = outputTo(undefined);
  output.write(text);
  await output.end();
}

const BATCH = 128 * 1024;
/** Of a UTF-16 code unit in UTF-8. */
const MOST_BYTES = 3;

class FileOutput implements TextOutput {
  readonly #path: string;
  readonly #file: number;
  /** Bytes rather than texts that are put together: that takes half the time. */
  readonly #gathered = Buffer.allocUnsafe(2 * BATCH);
  #length = 0;
  readonly closedByReader = false;

  constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  write(text: string): void {
    const most = text.length * MOST_BYTES;
    if (this.#length + most > this.#gathered.length) this.#flush();
    if (most > this.#gathered.length) this.#writeAll(Buffer.from(text));
    else this.#length += this.#gathered.write(text, this.#length);
  }

  drain(): undefined {
    return undefined;
  }

  flush(): void {
    this.#flush();
  }

  async end(): Promise<void> {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    const length = this.#length;
    this.#length = 0;
    this.#writeAll(this.#gathered.subarray(0, length));
  }

  #writeAll(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw new CommandFailure(`${this.#path} ${failureOf(error, 'written')}: nothing more can be written.`, 1, {
        cause: error,
      });
    }
  }
}

/** What may wait in memory for a slow reader while input is read on, in bytes. */
const MOST_PENDING = 4 * 1024 * 1024;

/** What a terminal would obey is written out: whoever called chose the texts. Files and pipes get them as they are. */
class StandardOutput implements TextOutput {
  #gathered = '';
  #failure: Error | undefined;
  #closedByReader = false;

  constructor() {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') this.#closedByReader = true;
      else this.#failure = error;
    });
  }

  get closedByReader(): boolean {
    return this.#closedByReader;
  }

  write(text: string): void {
    this.#gathered += text;
    if (this.#gathered.length >= BATCH) this.#flush();
  }

  drain(): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failed(this.#failure);
    if (this.#closedByReader || process.stdout.writableLength < MOST_PENDING) return undefined;
    return this.#untilDrained();
  }

  flush(): void {
    this.#flush();
  }

  async end(): Promise<void> {
    this.#flush();
    // Not `drain`, which comes only after a write that filled the stream.
    if (!this.#closedByReader) await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
    if (this.#failure !== undefined) throw this.#failed(this.#failure);
  }

  #flush(): void {
    if (this.#gathered === '' || this.#closedByReader) return;
    process.stdout.write(process.stdout.isTTY ? escapeLines(this.#gathered) : this.#gathered);
    this.#gathered = '';
  }

  async #untilDrained(): Promise<void> {
    try {
      await once(process.stdout, 'drain');
    } catch (error) {
      if (!this.#closedByReader) throw this.#failed(error);
    }
  }

  #failed(error: unknown): CommandFailure {
    return new CommandFailure(`Standard output ${failureOf(error, 'written')}: nothing more can be written.`, 1, {
      cause: error,
    });
  }
}
