import { KubeconfigError } from '../../kubeconfig/kubeconfig-error.ts';

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
export function writeError(path: string, cause: unknown): KubeconfigError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = FAILURES.get(code) ?? `cannot be written (${typeof code === 'string' ? code : String(cause)})`;
  return new KubeconfigError(`${path} ${reason}: nothing was changed. Mend that, or name another file.`, { cause });
}
