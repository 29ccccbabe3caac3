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
 * The file of `--rejects`. For entries that were cut, it is the only copy, and a resumed run does not read them again.
 * So the file is emptied only if no interrupted run that wrote to it can still resume.
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

  /**
   * Opens the file before any work is done.
   * @throws CommandError if it cannot be written.
   */
  static open(options: BackfillOptions, target: string, bookmarks: BookmarkFile): BackfillRejects | undefined {
    const { rejects: path, state } = options;
    if (path === undefined) return undefined;
    if (path === STANDARD_INPUT) return new BackfillRejects(outputTo(path), bookmarks, undefined);
    const file = `rejects ${JSON.stringify(resolve(path))}`;
    const mark = `${file} ${target} ${sourcesOf(options)}`;
    if (!bookmarks.some((name) => name.startsWith(file)))
      return new BackfillRejects(outputTo(path, 'overwrite'), bookmarks, mark);
    note(`${path} is appended to: a run that wrote to it is not complete yet (${state}).`);
    const endsWithNewline = endsWithLine(path);
    const output = outputTo(path, 'append');
    if (!endsWithNewline) output.write('\n');
    return new BackfillRejects(output, bookmarks, mark);
  }

  /** Marks the file as in use: it is not emptied until the run is complete. */
  async begin(): Promise<void> {
    if (this.#mark !== undefined) await this.#bookmarks.set(this.#mark, { done: false, reached: 0 });
  }

  /** Writes the entries before the bookmark moves past them, so that a crash loses none. */
  write(rejected: readonly RejectedPiece[]): void {
    for (const one of rejected) this.#output.write(`${plainJson(one)}\n`);
    this.#output.flush();
  }

  end(): Promise<void> {
    return this.#output.end();
  }
}

/** Returns a text that identifies the run among those that may write to the same file. */
function sourcesOf(options: BackfillOptions): string {
  const { cloudtrail, audit, lookup, region, clusterName, clusterArn, logGroup, logStream, nodeTraffic, from, to } =
    options;
  const files = [cloudtrail, audit].map((paths = []) => paths.map((path) => resolve(path)));
  return JSON.stringify([files, lookup, region, clusterName, clusterArn, logGroup, logStream, nodeTraffic, from, to]);
}

/** Returns whether the file ends with a complete line. A full disk can have cut the last one. */
function endsWithLine(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return true; // opening it for writing reports the error
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
