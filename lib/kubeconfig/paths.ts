import { KubeconfigError } from './kubeconfig-error.ts';

/** What selects kubeconfig files in the command and the environment. */
export interface Whereabouts {
  /** The value of `--kubeconfig`. Only this file is used, without merging. */
  readonly explicit: string | undefined;
  /** The value of `$KUBECONFIG`: paths, separated as in `$PATH`. */
  readonly variable: string | undefined;
  readonly home: string;
  /** The separator of paths: `:`, and `;` on Windows. */
  readonly delimiter: string;
}

/**
 * Returns the kubeconfig files in kubectl's order of precedence. This is only the file of `--kubeconfig`, or else those
 * of `$KUBECONFIG` without empty names and duplicates. Without either, it is `~/.kube/config`. Source: kubernetes,
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
 * Returns the file for new entries, and for `current-context` wherever it was before. This is the first file that
 * exists, or else the last one. Source: the same file, `PathOptions.GetDefaultFilename` and `writeCurrentContext`, and
 * `kubectl config --help`.
 */
export function defaultPath(paths: readonly [string, ...string[]], exists: (path: string) => boolean): string {
  return paths.find(exists) ?? paths.at(-1) ?? paths[0];
}
