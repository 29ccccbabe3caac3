import type { RejectReason } from '../../envelopes/reject.ts';
import type { ErrorCode } from '../../error-code.ts';

/**
 * Says that a file cannot be read. The message gives the reason of the operating system, or of the service that stores
 * the file.
 */
export class UnreadableFileError extends Error {
  readonly code = 'unreadable-file' satisfies ErrorCode;
  readonly reason: RejectReason;

  constructor(message: string, options: ErrorOptions & { readonly reason?: RejectReason } = {}) {
    super(message, options);
    this.reason = options.reason ?? 'unreadable-file';
  }
}
