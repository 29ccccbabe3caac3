import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file to read, or a path that could not be looked into, with the system's reason. */
export type FoundPath =
  | { readonly file: string; readonly bytes?: number }
  | { readonly file: string; readonly failure: string };

/** Standard input, as a PATH. */
export const STANDARD_INPUT = '-';

/**
 * The files behind the paths: a folder is read through by name, depth first. A folder that links back to itself is
 * entered once.
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

/** Why the path cannot be read at all, or undefined. */
export async function pathFailure(path: string): Promise<string | undefined> {
  if (path === STANDARD_INPUT) return undefined;
  try {
    await stat(path);
    return undefined;
  } catch (error) {
    const link = await lstat(path).catch(() => undefined);
    return link === undefined ? failureOf(error) : 'is a link to something that does not exist';
  }
}

const FAILURES: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['EACCES', 'may not be read by this user'],
  ['EPERM', 'may not be read by this user'],
  ['EISDIR', 'is a folder'],
  ['ENOTDIR', 'lies below something that is no folder'],
  ['ENOSPC', 'is on a disk that is full'],
  ['EROFS', 'is on a read-only disk'],
]);

/** The system's reason in words. */
export function failureOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return FAILURES.get(code) ?? `cannot be read (${typeof code === 'string' ? code : String(error)})`;
}
