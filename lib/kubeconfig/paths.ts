import { KubeconfigError } from './kubeconfig-error.ts';

/** The parts of the command and environment that select kubeconfig files. */
export interface Whereabouts {
  /** `--kubeconfig`: only this file, without merging. */
  readonly explicit: string | undefined;
  /** `$KUBECONFIG`: paths, separated as in `$PATH`. */
  readonly variable: string | undefined;
  readonly home: string;
  /** `:`, on Windows `;`. */
  readonly delimiter: string;
}

/**
 * Returns the kubeconfig files in kubectl's order of precedence: only `--kubeconfig`, else the files of `$KUBECONFIG`
 * (without empty names and duplicates), else `~/.kube/config`. Source: kubernetes,
 * staging/src/k8s.io/client-go/tools/clientcmd/config.go, `PathOptions.GetLoadingPrecedence`.
 * @throws KubeconfigError if `$KUBECONFIG` contains no file name.
 */
export function kubeconfigPaths({ explicit, variable, home, delimiter }: Whereabouts): readonly [string, ...string[]] {
  if (explicit !== undefined) return [explicit];
  if (variable === undefined || variable === '') return [`${home}/.kube/config`];
  const [first, ...others] = new Set(variable.split(delimiter).filter((path) => path !== ''));
  if (first === undefined) {
    throw new KubeconfigError('KUBECONFIG is set but contains no file name. Unset it, or put a file name in it.');
  }
  return [first, ...others];
}

/**
 * Returns the file for new entries, and for `current-context` wherever it was set before: the first file that exists,
 * else the last. Source: same file, `PathOptions.GetDefaultFilename` and `writeCurrentContext`; `kubectl config
 * --help`.
 */
export function defaultPath(paths: readonly [string, ...string[]], exists: (path: string) => boolean): string {
  return paths.find(exists) ?? paths.at(-1) ?? paths[0];
}
