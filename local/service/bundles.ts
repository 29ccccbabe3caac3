import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../lib/adapters/files/paths.ts';

/** Where the bundles of services on this machine lie, from the checkout on. */
const CACHE = 'node_modules/.cache';
const NAME = /^eks-whois-local-(\d+)(?:-\d+)?$/;

/** The folder of the service that this process runs on that port. */
export function bundlesOf(port: number): string {
  return `${CACHE}/eks-whois-local-${process.pid}-${port}`;
}

/** Removes what services left that were killed together with their functions. */
export async function removeAbandonedBundles(checkout: string): Promise<void> {
  const cache = join(checkout, CACHE);
  const names = await readdir(cache).catch(() => []); // there is none yet
  const abandoned = names.filter((name) => {
    const pid = NAME.exec(name)?.[1];
    return pid !== undefined && !runs(Number(pid));
  });
  await Promise.all(abandoned.map((name) => rm(join(cache, name), { recursive: true, force: true })));
}

/** Whether there is such a process, whoever's it is. */
function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
