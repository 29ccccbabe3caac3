import { randomUUID } from 'node:crypto';
import { access, chown, constants, lstat, open, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KubeconfigError } from '../../kubeconfig/kubeconfig-error.ts';
import { makeFolders } from '../files/folders.ts';

interface NewText {
  readonly path: string;
  readonly text: string;
}

/**
 * Writes all files or none. First, each text is written and synced to a new file beside its target. When all of these
 * exist, each replaces its target by one rename (`replaceAll`). Files get the mode 0600, except those that can only be
 * overwritten in place. If the path is a symbolic link, the file behind it is written.
 */
export async function writeConfigs(texts: readonly NewText[]): Promise<void> {
  const staged: StagedFile[] = [];
  try {
    for (const text of texts) staged.push(await stage(text));
    await replaceAll(staged);
  } finally {
    for (const { temporary } of staged) await rm(temporary, { force: true });
  }
}

async function stage({ path, text }: NewText): Promise<StagedFile> {
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

async function writeNew(temporary: string, text: string, owner: PreviousFile | undefined): Promise<void> {
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
  // Only root can change the owner of a file. For anybody else, the file has the right owner.
  if (owner !== undefined) await chown(temporary, owner.uid, owner.gid).catch(() => undefined);
}

/**
 * Returns the file that is replaced. Undefined if there is none.
 * @throws an error if the file is not writable, because such a file is not replaced.
 */
async function previousOf(target: string): Promise<PreviousFile | undefined> {
  const info = await stat(target).catch(() => undefined);
  if (info === undefined) return undefined;
  await access(target, constants.W_OK);
  return { bytes: await readFile(target), mode: info.mode, uid: info.uid, gid: info.gid };
}

/** Limits the links in a row, as Linux does (path_resolution(7)). */
const MOST_LINKS = 40;

/** Returns the path behind the links, even if no file is there yet. */
async function targetOf(path: string): Promise<string> {
  let target = resolve(path);
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const info = await lstat(target).catch(() => undefined);
    if (info?.isSymbolicLink() !== true) return target;
    target = resolve(dirname(target), await readlink(target));
  }
  throw new KubeconfigError(`${path} is a link that leads back to itself: name another file.`);
}

/** A new text in a synced file beside its target. */
interface StagedFile {
  /** The path as the user gave it. */
  readonly path: string;
  readonly text: string;
  readonly temporary: string;
  readonly target: string;
  /** The file that is replaced. Undefined if there is none. */
  readonly previous: PreviousFile | undefined;
}

/** A file before the change. */
interface PreviousFile {
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Moves the staged files to their targets. If one fails, the files before it are restored, and the error says that
 * nothing was changed. If restoring fails too, the error names the files that are not as they were.
 */
async function replaceAll(staged: readonly StagedFile[]): Promise<void> {
  const touched: StagedFile[] = [];
  for (const one of staged) {
    try {
      await replace(one, touched);
    } catch (cause) {
      await restoreAll(touched, one.path, cause);
      throw writeError(one.path, cause);
    }
  }
}

/**
 * Replaces the file by one rename. A mount point, such as a file bound into a container, cannot be replaced by a
 * rename (rename(2), EBUSY). It is overwritten in place and keeps its mode, which is for others to set.
 */
async function replace(one: StagedFile, touched: StagedFile[]): Promise<void> {
  const isBusy = await rename(one.temporary, one.target).then(() => false, rethrowUnlessBusy);
  touched.push(one);
  if (isBusy) await overwrite(one.target, Buffer.from(one.text));
}

function rethrowUnlessBusy(cause: unknown): true {
  if (cause instanceof Error && 'code' in cause && cause.code === 'EBUSY') return true;
  throw cause;
}

/** Writes the bytes, and then sets the length. So a file that is overwritten in place is never empty. */
async function overwrite(target: string, bytes: Uint8Array, mode?: number): Promise<void> {
  const handle = await open(target, 'r+');
  try {
    await handle.writeFile(bytes);
    await handle.truncate(bytes.length);
    if (mode !== undefined && (await handle.stat()).mode !== mode) await handle.chmod(mode & 0o7777);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function restoreAll(touched: readonly StagedFile[], path: string, cause: unknown): Promise<void> {
  const results = await Promise.allSettled(touched.map(restore));
  const lost = touched.filter((_, index) => results[index]?.status === 'rejected').map((one) => one.path);
  if (lost.length === 0) return;
  throw new KubeconfigError(
    `${path} could not be written, and the changes before it could not be undone: check ${lost.join(', ')}.`,
    { cause },
  );
}

async function restore({ target, previous }: StagedFile): Promise<void> {
  if (previous === undefined) await rm(target, { force: true });
  else await overwrite(target, previous.bytes, previous.mode);
}

const FAILURES: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', 'cannot be written by this user'],
  ['EPERM', 'cannot be written by this user'],
  ['EROFS', 'is on a read-only disk'],
  ['ENOSPC', 'cannot be written because the disk is full'],
  ['EDQUOT', 'cannot be written because the quota is used up'],
  ['EISDIR', 'is a folder'],
  ['ENOTDIR', 'is below something that is not a folder'],
  ['EEXIST', 'is below something that is not a folder'],
  ['ENOENT', 'cannot be created there'],
]);

/** Returns an error with the system's reason in words. */
export function writeError(path: string, cause: unknown): KubeconfigError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = FAILURES.get(code) ?? `cannot be written (${typeof code === 'string' ? code : String(cause)})`;
  return new KubeconfigError(`${path} ${reason}: nothing was changed. Fix this, or name another file.`, { cause });
}
