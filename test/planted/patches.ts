import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const FOLDER = 'test/planted';

/** A bug that somebody could make, as a change to the code. */
export interface Patch {
  readonly name: string;
  readonly path: string;
  /** The sentence that says what the bug is: the file's first line. */
  readonly bug: string;
  /** The test file that should catch it, from the line `Caught by: FILE > TEST` before the change. */
  readonly file: string;
  /** The full name of the test that caught it when the patch was written. It runs first. */
  readonly test: string;
  /** The files that it changes. */
  readonly changes: readonly string[];
}

/** Returns every patch of the folder, in order. */
export function readPatches(): readonly Patch[] {
  const files = globSync('*.patch', { cwd: join(ROOT, FOLDER) }).sort();
  return files.map((file) => {
    const path = join(ROOT, FOLDER, file);
    const text = readFileSync(path, 'utf8');
    const [header = ''] = text.split(/^diff --git /m);
    const changes = [...text.matchAll(/^\+\+\+ b\/(\S+)$/gm)].flatMap(([, changed = '']) => changed);
    const [bug = ''] = header.split('\n');
    const [, tested = '', test = ''] = /^Caught by: (\S+) > (.+)$/m.exec(header) ?? [];
    return { name: basename(file, '.patch'), path, bug, file: tested, test, changes };
  });
}

/** Applies the patch to the files in the folder, or undoes it, or only checks that it can be applied. Returns what git says against it. */
export function applyPatch({ path }: Patch, folder: string, ...how: readonly ('--check' | '--reverse')[]) {
  // Git is not to look for a repository above the folder: it would leave alone what that does not know.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) };
  const { status, stderr, error } = spawnSync('git', ['apply', ...how, path], { cwd: folder, env, encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** Says what to do about a patch that cannot be applied. */
export function outdated({ name, bug }: Patch, reason: string): string {
  return [
    `${FOLDER}/${name}.patch no longer applies: the code that it changes is another one now.`,
    `  ${reason.replaceAll('\n', '\n  ')}`,
    `  Plant the same bug again ("${bug}"): make it in your own tree, write "git diff -U1" below the patch's header, and undo it.`,
    '  If nobody can make this mistake any more, delete the patch.',
  ].join('\n');
}
