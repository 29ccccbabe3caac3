import type { ErrorCode } from '../error-code.ts';

/**
 * The error for a kubeconfig, or the AWS config file next to it, that cannot be used or changed. The message is for a person: what
 * happened, where, and what to do. It can quote text from the files: escape it for display.
 */
export class KubeconfigError extends Error {
  readonly code = 'kubeconfig' satisfies ErrorCode;
}
