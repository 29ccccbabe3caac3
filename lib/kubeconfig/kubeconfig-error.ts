import type { ErrorCode } from '../error-code.ts';

/**
 * Why a kubeconfig (or the AWS config file beside it) cannot be used or changed. The message is one sentence for a
 * person: what, where, and what to do. It can hold text from the files, so it is escaped before it is shown.
 */
export class KubeconfigError extends Error {
  readonly code = 'kubeconfig' satisfies ErrorCode;
}
