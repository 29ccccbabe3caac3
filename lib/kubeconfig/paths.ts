import { KubeconfigError } from './kubeconfig-error.ts';

/** Where the kubeconfig lies, as the command and the environment say. */
export interface Whereabouts {
  /** `--kubeconfig`: this file alone, nothing is merged. */
  readonly explicit: string | undefined;
  /** `$KUBECONFIG`: several paths, separated as in `$PATH`. */
  readonly variable: string | undefined;
  readonly home: string;
  /** `:`, on Windows `;`. */
  readonly delimiter: string;
}

/**
 * The kubeconfig files in the order in which they count, as kubectl has it: `--kubeconfig` alone, else the files of
 * `$KUBECONFIG` (empty names dropped, a path twice counts once), else `~/.kube/config`.
 * Source: kubernetes, staging/src/k8s.io/client-go/tools/clientcmd/config.go, `PathOptions.GetLoadingPrecedence`.
 */
export function kubeconfigPaths({ explicit, variable, home, delimiter }: Whereabouts): readonly [string, ...string[]] {
  if (explicit !== undefined) return [explicit];
  if (variable === undefined || variable === '') return [`${home}/.kube/config`];
  const [first, ...others] = new Set(variable.split(delimiter).filter((path) => path !== ''));
  if (first === undefined) {
    throw new KubeconfigError('KUBECONFIG is set but names no file: unset it, or name a file in it.');
  }
  return [first, ...others];
}

/**
 * The file for what is new, and for `current-context` wherever that was set before: the first that exists; where none
 * does, the last. Source: same file, `PathOptions.GetDefaultFilename` and `writeCurrentContext`; `kubectl config --help`.
 */
export function defaultPath(paths: readonly [string, ...string[]], exists: (path: string) => boolean): string {
  return paths.find(exists) ?? paths.at(-1) ?? paths[0];
}
