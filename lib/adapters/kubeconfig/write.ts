import { randomUUID } from 'node:crypto';
import { access, chown, constants, lstat, open, readFile, readlink, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KubeconfigError } from '../../kubeconfig/kubeconfig-error.ts';
import { makeFolders } from '../files/folders.ts';
import { type Previous, replaceAll, type Staged } from './replace.ts';
import { writeError } from './write-error.ts';

/** A file's new text. */
export interface NewText {
  readonly path: string;
  readonly text: string;
}

/**
 * Writes all files or none: each text first goes, synced, to a new file beside its target, and only when all are there
 * do they take their targets' places, each by one rename (`replaceAll`). Mode 0600, whatever it was, but for a file that
 * can only be written in place. A link stays a link: what it leads to is written.
 */
export async function writeConfigs(texts: readonly NewText[]): Promise<void> {
  const staged: Staged[] = [];
  try {
    for (const text of texts) staged.push(await stage(text));
    await replaceAll(staged);
  } finally {
    for (const { temporary } of staged) await rm(temporary, { force: true });
  }
}

async function stage({ path, text }: NewText): Promise<Staged> {
  try {
    const target = await targetOf(path);
    await makeFolders(dirname(target), 0o700);
    const previous = await previousOf(target);
    const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
    await writeNew(temporary, text, previous);
    return { path, text, temporary, target, previous };
  } catch (cause) {
    throw cause instanceof KubeconfigError ? cause : writeError(path, cause);
  }
}

async function writeNew(temporary: string, text: string, owner: Previous | undefined): Promise<void> {
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  // Only root may give a file away; anyone else owns it already.
  if (owner !== undefined) await chown(temporary, owner.uid, owner.gid).catch(() => undefined);
}

/** The file that is to be replaced. One that may not be written to is not replaced either. */
async function previousOf(target: string): Promise<Previous | undefined> {
  const info = await stat(target).catch(() => undefined);
  if (info === undefined) return undefined;
  await access(target, constants.W_OK);
  return { bytes: await readFile(target), mode: info.mode, uid: info.uid, gid: info.gid };
}

/** As many links in a row as Linux follows (path_resolution(7)). */
const MOST_LINKS = 40;

/** The file behind the links, also where it does not exist yet. */
async function targetOf(path: string): Promise<string> {
  let target = resolve(path);
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const info = await lstat(target).catch(() => undefined);
    if (info?.isSymbolicLink() !== true) return target;
    target = resolve(dirname(target), await readlink(target));
  }
  throw new KubeconfigError(`${path} is a link that leads round in a circle: name another file.`);
}
