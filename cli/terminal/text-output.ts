import { once } from 'node:events';
import { failureOf } from '../../lib/adapters/files/paths.ts';
import { escapeLines } from '../../lib/words/escape.ts';
import { CommandError } from '../failures/command-error.ts';
import { betweenColours } from './colour.ts';
import { fileOutput } from './file-output.ts';
import type { TextOutput } from './output.ts';
import { PagedOutput } from './paged-output.ts';
import { terminalOf } from './terminal.ts';

export type { TextOutput } from './output.ts';

/** Returns the output for results: this file, or standard output if none is given. See `fileOutput`. */
export function outputTo(path: string | undefined, how: 'whole' | 'overwrite' | 'append' = 'whole'): TextOutput {
  return path === undefined || path === '-' ? new StandardOutput() : fileOutput(path, how);
}

/** The options of standard output. */
export interface OnStandardOutput {
  /** Whether the text has colors of `toned`, the only sequences that the terminal gets. */
  readonly isColoured: boolean;
  readonly mayBePaged: boolean;
}

/** Returns standard output, through a pager if the result is longer than the screen. */
export function standardOutput({ isColoured, mayBePaged }: OnStandardOutput): TextOutput {
  const shown = isColoured ? escapeBetweenColours : escapeLines;
  const plain = new StandardOutput(shown);
  const { width, height } = terminalOf('never');
  if (!mayBePaged || width === undefined || height === undefined) return plain;
  return new PagedOutput(plain, shown, { width, height });
}

function escapeBetweenColours(text: string): string {
  return betweenColours(text, escapeLines);
}

/** Writes a whole result to standard output, or to the file. */
export function printed(text: string, path?: string): Promise<void> {
  return written(text, outputTo(path));
}

/** Writes a whole result, and ends the output. */
export async function written(text: string, output: TextOutput): Promise<void> {
  output.write(text);
  await output.end();
}

const BATCH = 128 * 1024;
/** The bytes that may wait in memory for a slow reader. */
const MOST_PENDING = 4 * 1024 * 1024;

/**
 * Writes to standard output. For a terminal, escapes control characters, since callers chose the texts. Files and pipes
 * get the texts unchanged.
 */
class StandardOutput implements TextOutput {
  #buffered = '';
  #failure: Error | undefined;
  #closedByReader = false;
  readonly #shown: (text: string) => string;

  /** `shown` returns a text as a terminal may show it. */
  constructor(shown: (text: string) => string = escapeLines) {
    this.#shown = shown;
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') this.#closedByReader = true;
      else this.#failure = error;
    });
  }

  get closedByReader(): boolean {
    return this.#closedByReader;
  }

  write(text: string): void {
    this.#buffered += text;
    if (this.#buffered.length >= BATCH) this.#flush();
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
    if (this.#buffered === '' || this.#closedByReader) return;
    process.stdout.write(process.stdout.isTTY ? this.#shown(this.#buffered) : this.#buffered);
    this.#buffered = '';
  }

  async #untilDrained(): Promise<void> {
    try {
      await once(process.stdout, 'drain');
    } catch (error) {
      if (!this.#closedByReader) throw this.#failed(error);
    }
  }

  #failed(error: unknown): CommandError {
    return new CommandError(
      `Standard output ${failureOf(error, 'written')}, so the output is incomplete. Run it again, with --output-file elsewhere.`,
      1,
      {
        cause: error,
      },
    );
  }
}
