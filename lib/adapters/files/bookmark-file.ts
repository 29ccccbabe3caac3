import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ErrorCode } from '../../error-code.ts';
import { isJsonObject, objectAt, parseJson } from '../../json.ts';
import type { Bookmark, Bookmarks } from '../../ports/bookmarks.ts';
import { makeFolders } from './folders.ts';
import { failureOf } from './paths.ts';

/** Says that a file of bookmarks cannot be read or written. The message is a sentence for a person. */
export class BookmarkError extends Error {
  readonly code = 'bookmarks' satisfies ErrorCode;
}

const VERSION = 1;

/**
 * Bookmarks in a file. The file is always complete, because each change writes a new file and renames it over the old
 * one.
 */
export class BookmarkFile implements Bookmarks {
  readonly #path: string;
  readonly #bookmarks: Map<string, Bookmark>;
  readonly #used = new Set<string>();
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, bookmarks: Map<string, Bookmark>) {
    this.#path = path;
    this.#bookmarks = bookmarks;
  }

  /**
   * Opens the file. Call it before any work is done.
   * @throws BookmarkError if the file is damaged or cannot be written.
   */
  static async open(path: string): Promise<BookmarkFile> {
    const file = new BookmarkFile(path, await readBookmarks(path));
    await file.#save();
    return file;
  }

  of(source: string): Bookmark | undefined {
    this.#used.add(source);
    return this.#bookmarks.get(source);
  }

  /**
   * Returns whether one of the sources with a bookmark is wanted. The bookmark can be that of this run, or of an
   * earlier one that is resumed.
   */
  some(isWanted: (source: string) => boolean): boolean {
    return [...this.#bookmarks.keys()].some(isWanted);
  }

  async set(source: string, bookmark: Bookmark): Promise<void> {
    this.#used.add(source);
    this.#bookmarks.set(source, bookmark);
    await this.#save();
  }

  /** Ends the run. Removes its bookmarks, and the file if it has no others. */
  async finish(): Promise<void> {
    for (const source of this.#used) this.#bookmarks.delete(source);
    await this.#save();
  }

  /** Saves one change after another, so that the file never goes back to an older state. */
  #save(): Promise<void> {
    this.#last = this.#last.then(() => writeBookmarks(this.#path, this.#bookmarks));
    return this.#last;
  }
}

async function readBookmarks(path: string): Promise<Map<string, Bookmark>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new BookmarkError(`${path} ${failureOf(error)}: choose another file with --state.`, { cause: error });
  });
  if (text === undefined) return new Map();
  const parsed = parseJson(text);
  const state = parsed.ok && isJsonObject(parsed.value) && parsed.value.version === VERSION ? parsed.value : undefined;
  const sources = objectAt(state, 'sources');
  if (sources === undefined) {
    throw new BookmarkError(
      `${path} is not the state of a backfill: move it away, or choose another file with --state.`,
    );
  }
  return new Map(Object.entries(sources).flatMap(([source, value]) => bookmarkOf(source, value)));
}

/** Parses a bookmark. Leaves out an invalid one, so that its source is read again from the beginning. */
function bookmarkOf(source: string, value: unknown): [string, Bookmark][] {
  if (!isJsonObject(value) || typeof value.done !== 'boolean' || typeof value.reached !== 'number') return [];
  const { done, reached, to } = value;
  return [[source, { done, reached, ...(typeof to === 'number' && { to }) }]];
}

async function writeBookmarks(path: string, bookmarks: ReadonlyMap<string, Bookmark>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await makeFolders(dirname(path));
    await writeNew(temporary, `${JSON.stringify({ version: VERSION, sources: Object.fromEntries(bookmarks) })}\n`);
    if (bookmarks.size > 0) return await rename(temporary, path);
    await rm(path, { force: true });
    await rm(temporary, { force: true });
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = failureOf(error, 'written');
    throw new BookmarkError(`${path} ${reason}: choose another file with --state.`, { cause: error });
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
