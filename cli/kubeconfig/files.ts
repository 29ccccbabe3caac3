import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter } from 'node:path';
import { readKubeconfigs } from '../../lib/adapters/kubeconfig/read.ts';
import { defaultPath, kubeconfigPaths } from '../../lib/kubeconfig/paths.ts';
import type { Files } from '../../lib/kubeconfig/plan.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { readEnvironment } from '../options/environment.ts';

/**
 * Refuses an empty path: it would mean the current folder.
 * @throws the failure for wrong usage.
 */
export function checkKubeconfig(kubeconfig: string | undefined): void {
  if (kubeconfig === '') throw wrongUsage('--kubeconfig is empty. Give the path of a file, or leave the option out.');
}

/** Reads the kubeconfig files that the option or the environment names. */
export async function readFiles(
  kubeconfig: string | undefined,
): Promise<Files & { readonly paths: readonly string[] }> {
  const variable = readEnvironment().KUBECONFIG;
  const paths = kubeconfigPaths({ explicit: kubeconfig, variable, home: homedir(), delimiter });
  return { paths, files: await readKubeconfigs(paths), defaultPath: defaultPath(paths, existsSync) };
}
