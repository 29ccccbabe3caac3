import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file to read. Its size is known if it is a regular file. */
export interface FoundFile {
  readonly file: string;
  readonly bytes?: number;
}

/** A file to read, or a path that cannot be read, with the system's reason. */
export type FoundPath = FoundFile | { readonly file: string; readonly failure: string };

/** Standard input, as a PATH. */
export const STANDARD_INPUT = '-';

/**
 * Yields the files at the paths. Folders are read with their subfolders, by name, depth first. A folder that links back
 * to itself is read once.
 */
export async function* findFiles(paths: readonly string[]): AsyncGenerator<FoundPath> {
  for (const path of paths) {
    if (path === STANDARD_INPUT) yield { file: path };
    else yield* below(path, new Set());
  }
}

async function* below(path: string, entered: Set<string>): AsyncGenerator<FoundPath> {
  let names: string[];
  try {
    const info = await stat(path);
    if (info.isFile()) yield { file: path, bytes: info.size };
    if (!info.isDirectory()) {
      if (!info.isFile() && entered.size === 0) yield { file: path };
      return;
    }
    const real = await realpath(path);
    if (entered.has(real)) return;
    entered.add(real);
    names = (await readdir(path)).sort();
  } catch (error) {
    yield { file: path, failure: failureOf(error) };
    return;
  }
  for (const name of names) yield* below(join(path, name), entered);
}

/** Returns why the path cannot be read at all. Undefined if it can. */
export async function pathFailure(path: string): Promise<string | undefined> {
  if (path === STANDARD_INPUT) return undefined;
  try {
    await stat(path);
    return undefined;
  } catch (error) {
    const isLink = codeOf(error) === 'ENOENT' && (await lstat(path).catch(() => undefined)) !== undefined;
    return isLink ? 'is a link to something that does not exist' : failureOf(error);
  }
}

const FAILURES: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['EISDIR', 'is a folder'],
  ['ENOTDIR', 'is below something that is not a folder'],
  ['ELOOP', 'is, or is below, a link that leads back to itself'],
  ['ENAMETOOLONG', 'has a name that is too long'],
  ['ENOSPC', 'is on a disk that is full'],
  ['EROFS', 'is on a read-only disk'],
]);

/** Returns the system's reason in words that follow the path in a message. */
export function failureOf(error: unknown, wanted: 'read' | 'written' = 'read'): string {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') return `cannot be ${wanted} by this user`;
  if (code === 'ENOENT' && wanted === 'written') return 'is in a folder that does not exist';
  return FAILURES.get(code) ?? `cannot be ${wanted} (${typeof code === 'string' ? code : String(error)})`;
}

/** Returns the system's error code, such as `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
