import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeconfigError } from '../../kubeconfig/kubeconfig-error.ts';
import type { TextChange } from '../../kubeconfig/plan.ts';
import { makeFolders } from '../files/folders.ts';
import { writeConfigs, writeError } from './write.ts';

/**
 * Makes a plan from the current files, and writes it. The plan is made twice: to see which files it changes, and again
 * after these are locked. So a change that another program makes in between is not lost. If `approve` throws, nothing
 * is written.
 */
export async function changeConfigs<Plan>(
  make: () => Promise<Plan>,
  textsOf: (plan: Plan) => readonly TextChange[],
  approve: (plan: Plan) => boolean,
): Promise<Plan> {
  const first = await make();
  const paths = textsOf(first).map(({ path }) => path);
  if (!approve(first) || paths.length === 0) return first;
  return whileLocked(paths, async () => {
    const plan = await make();
    if (approve(plan)) await writeConfigs(textsOf(plan).map(({ path, after }) => ({ path, text: after })));
    return plan;
  });
}

/** How long to wait for a lock, in milliseconds. kubectl holds its lock for a few milliseconds. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = 50;

/**
 * Runs the work while kubectl cannot change the files. It takes the lock files of `kubectl config`, `<path>.lock`, in
 * the order of their names. Source: client-go, `clientcmd/loader.go`, `lockFile`, and `config.go`, `ModifyConfig`.
 */
async function whileLocked<T>(paths: readonly string[], work: () => Promise<T>): Promise<T> {
  const taken: string[] = [];
  try {
    for (const path of [...paths].sort()) taken.push(await takeLock(path));
    return await work();
  } finally {
    for (const lock of taken) await rm(lock, { force: true });
  }
}

async function takeLock(path: string): Promise<string> {
  const lock = `${path}.lock`;
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await makeFolders(dirname(path), 0o700);
      await (await open(lock, 'wx', 0o600)).close();
      return lock;
    } catch (cause) {
      const held =
        cause instanceof Error && 'code' in cause && cause.code === 'EEXIST' && 'path' in cause && cause.path === lock;
      if (!held) throw writeError(path, cause);
      if (performance.now() > until) throw heldFault(path, lock, cause);
    }
    await sleep(PAUSE_MS);
  }
}

function heldFault(path: string, lock: string, cause: unknown): KubeconfigError {
  return new KubeconfigError(
    `${path} is being changed by another program, because ${lock} exists: try again, or delete that file if no such program is running.`,
    { cause },
  );
}
