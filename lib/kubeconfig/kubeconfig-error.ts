import type { ErrorCode } from '../error-code.ts';

/**
 * Says that a kubeconfig, or the AWS config file beside it, cannot be used or changed. The message is for people: what
 * happened, where, and what to do. It can quote the files, so escape it before display.
 */
export class KubeconfigError extends Error {
  readonly code = 'kubeconfig' satisfies ErrorCode;
}
