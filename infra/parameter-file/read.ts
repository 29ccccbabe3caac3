import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { readConfigText } from '../../lib/adapters/kubeconfig/read.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import type { Checked } from '../parameter-kinds.ts';
import type { ParameterFile } from './parameter-file.ts';
import { parseParameterFile } from './parse.ts';

/** What the file is called where nobody names one. */
export const PARAMETER_FILE = 'eks-whois.yaml';

/** Reads the file at `path`; `shown` is its path as a person knows it. */
export async function readParameterFile(path: string, shown = path): Promise<Checked<ParameterFile>> {
  try {
    const text = await readConfigText(path);
    if (text === undefined) return { ok: false, problems: [`${shown}: there is no such file. Check the path.`] };
    return parseParameterFile(shown, text);
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    return { ok: false, problems: [error.message.replace(path, shown)] };
  }
}

/**
 * The path of the file that counts: the one that is named, seen from the first folder, else the one that lies in one of the folders.
 * Of two nobody could tell which is meant.
 */
export async function findParameterFile(
  named: string | undefined,
  folders: readonly string[],
): Promise<Checked<string | undefined>> {
  const [first = '.'] = folders;
  if (named !== undefined) return { ok: true, value: resolve(first, named) };
  const places = [...new Set(folders.map((folder) => resolve(folder, PARAMETER_FILE)))];
  const found: string[] = [];
  for (const path of places) if (await isThere(path)) found.push(path);
  if (found.length < 2) return { ok: true, value: found[0] };
  return { ok: false, problems: [`There are ${found.join(' and ')}: say which of them is meant, --config FILE.`] };
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** A path as it is seen from the folder, where that is shorter. */
export function seenFrom(folder: string, path: string): string {
  const seen = relative(folder, path);
  return seen.startsWith('..') ? path : join(seen);
}
