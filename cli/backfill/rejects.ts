import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BookmarkFile } from '../../lib/adapters/files/bookmark-file.ts';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import type { RejectedPiece } from '../../lib/ports/input.ts';
import { plainJson } from '../../lib/words/escape.ts';
import { note } from '../failures/faults.ts';
import { outputTo, type TextOutput } from '../terminal/text-output.ts';
import type { BackfillOptions } from './options.ts';

/**
 * The file of `--rejects`. Of entries that were cut it is all that there is, and a run that goes on does not read them
 * again: so the file is begun anew only where no run that wrote to it was stopped and still has to go on.
 */
export class BackfillRejects {
  readonly #output: TextOutput;
  readonly #bookmarks: BookmarkFile;
  readonly #mark: string | undefined;

  private constructor(output: TextOutput, bookmarks: BookmarkFile, mark: string | undefined) {
    this.#output = output;
    this.#bookmarks = bookmarks;
    this.#mark = mark;
  }

  /** @throws CommandError where the file cannot be written: before any work is done. */
  static open(options: BackfillOptions, target: string, bookmarks: BookmarkFile): BackfillRejects | undefined {
    const { rejects: path, state } = options;
    if (path === undefined) return undefined;
    if (path === STANDARD_INPUT) return new BackfillRejects(outputTo(path), bookmarks, undefined);
    const file = `rejects ${JSON.stringify(resolve(path))}`;
    const mark = `${file} ${target} ${sourcesOf(options)}`;
    if (!bookmarks.some((name) => name.startsWith(file)))
      return new BackfillRejects(outputTo(path, 'anew'), bookmarks, mark);
    note(`${path} is appended to: a run that wrote to it is not through yet (${state}).`);
    const isWhole = endsWithLine(path);
    const output = outputTo(path, 'append');
    if (!isWhole) output.write('\n');
    return new BackfillRejects(output, bookmarks, mark);
  }

  /** From now on the file is not to be emptied until the run is through. */
  async begin(): Promise<void> {
    if (this.#mark !== undefined) await this.#bookmarks.set(this.#mark, { done: false, reached: 0 });
  }

  /** Written before it is noted that they were read, so that no sudden end loses one. */
  write(rejected: readonly RejectedPiece[]): void {
    for (const one of rejected) this.#output.write(`${plainJson(one)}\n`);
    this.#output.flush();
  }

  end(): Promise<void> {
    return this.#output.end();
  }
}

/** What tells one run from another that may write to the same file. */
function sourcesOf(options: BackfillOptions): string {
  const { cloudtrail, audit, lookup, region, cluster, logGroup, logStream, nodeTraffic, from, to } = options;
  const files = [cloudtrail, audit].map((paths = []) => paths.map((path) => resolve(path)));
  return JSON.stringify([files, lookup, region, cluster, logGroup, logStream, nodeTraffic, from, to]);
}

/** A full disk may have cut the last line. */
function endsWithLine(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return true; // opening it for writing tells what is wrong
  }
  try {
    const info = fstatSync(file);
    if (!info.isFile() || info.size === 0) return true;
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, info.size - 1);
    return last.toString() === '\n';
  } finally {
    closeSync(file);
  }
}
