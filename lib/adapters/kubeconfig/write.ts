import { randomUUID } from 'node:crypto';
import { access, chown, constants, lstat, open, readlink, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KubeconfigFault } from '../../kubeconfig/fault.ts';
import { makeFolders } from '../files/folders.ts';

/** A file's new text. */
export interface NewText {
  readonly path: string;
  readonly text: string;
}

/**
 * Writes all files or none: each text first goes, synced, to a new file beside its target, and only when all are there
 * do they take their targets' places, each by one rename. Mode 0600, whatever it was. A link stays a link: what it
 * leads to is written.
 */
export async function writeConfigs(texts: readonly NewText[]): Promise<void> {
  const staged: Staged[] = [];
  try {
    for (const text of texts) staged.push(await stage(text));
    for (const { path, temporary, target } of staged) {
      await rename(temporary, target).catch((cause: unknown) => Promise.reject(writeFault(path, cause)));
    }
  } finally {
    for (const { temporary } of staged) await rm(temporary, { force: true });
  }
}

interface Staged {
  readonly path: string;
  readonly temporary: string;
  readonly target: string;
}

async function stage({ path, text }: NewText): Promise<Staged> {
  try {
    const target = await targetOf(path);
    await makeFolders(dirname(target), 0o700);
    const owner = await ownerOf(target);
    const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
    await writeNew(temporary, text, owner);
    return { path, temporary, target };
  } catch (cause) {
    throw cause instanceof KubeconfigFault ? cause : writeFault(path, cause);
  }
}

async function writeNew(temporary: string, text: string, owner: Owner | undefined): Promise<void> {
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

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The owner of the file that is to be replaced. A file that may not be written to is not replaced either. */
async function ownerOf(target: string): Promise<Owner | undefined> {
  const info = await stat(target).catch(() => undefined);
  if (info === undefined) return undefined;
  await access(target, constants.W_OK);
  return info;
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
  throw new KubeconfigFault(`${path} is a link that leads round in a circle: name another file.`);
}

const FAILURES: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', 'may not be written by this user'],
  ['EPERM', 'may not be written by this user'],
  ['EROFS', 'is on a read-only disk'],
  ['ENOSPC', 'cannot be written, since the disk is full'],
  ['EDQUOT', 'cannot be written, since the quota is used up'],
  ['EISDIR', 'is a folder'],
  ['ENOTDIR', 'lies below something that is no folder'],
  ['EEXIST', 'lies below something that is no folder'],
  ['ENOENT', 'cannot be made there'],
]);

/** The system's reason in words. */
export function writeFault(path: string, cause: unknown): KubeconfigFault {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = FAILURES.get(code) ?? `cannot be written (${typeof code === 'string' ? code : String(cause)})`;
  return new KubeconfigFault(`${path} ${reason}: nothing was changed. Mend that, or name another file.`, { cause });
}
