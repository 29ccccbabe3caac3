import { open, rename, rm } from 'node:fs/promises';
import { KubeconfigError } from '../../kubeconfig/kubeconfig-error.ts';
import { writeError } from './write-error.ts';

/** A new text that lies, synced, in a file beside its target. */
export interface Staged {
  /** As the user knows it. */
  readonly path: string;
  readonly text: string;
  readonly temporary: string;
  readonly target: string;
  /** Undefined where there is no file yet. */
  readonly previous: Previous | undefined;
}

/** A file as it was. */
export interface Previous {
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Puts the staged files in their targets' places. Where one cannot be, those before it are put back as they were, and
 * the fault says that nothing was changed; where even that fails, which files are not as they were.
 */
export async function replaceAll(staged: readonly Staged[]): Promise<void> {
  const touched: Staged[] = [];
  for (const one of staged) {
    try {
      await replace(one, touched);
    } catch (cause) {
      await putAllBack(touched, one.path, cause);
      throw writeError(one.path, cause);
    }
  }
}

/**
 * By one rename. A mount point, as a file that is bound into a container is, cannot be renamed over (rename(2), EBUSY):
 * it is written in place, and keeps its mode, which may be another's to set.
 */
async function replace(one: Staged, touched: Staged[]): Promise<void> {
  const isBusy = await rename(one.temporary, one.target).then(() => false, rethrowUnlessBusy);
  touched.push(one);
  if (isBusy) await overwrite(one.target, Buffer.from(one.text));
}

function rethrowUnlessBusy(cause: unknown): true {
  if (cause instanceof Error && 'code' in cause && cause.code === 'EBUSY') return true;
  throw cause;
}

/** The bytes first and the length then: a file that is written in place is never empty. */
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

async function putAllBack(touched: readonly Staged[], path: string, cause: unknown): Promise<void> {
  const results = await Promise.allSettled(touched.map(putBack));
  const lost = touched.filter((_, index) => results[index]?.status === 'rejected').map((one) => one.path);
  if (lost.length === 0) return;
  throw new KubeconfigError(
    `${path} could not be written, and what was changed before could not be taken back: look at ${lost.join(', ')}.`,
    { cause },
  );
}

async function putBack({ target, previous }: Staged): Promise<void> {
  if (previous === undefined) await rm(target, { force: true });
  else await overwrite(target, previous.bytes, previous.mode);
}
