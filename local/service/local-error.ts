import type { ErrorCode } from '../../lib/error-code.ts';

/** The error if the service cannot run on this machine. The message is for a person: what happened, and what to do. */
export class LocalError extends Error {
  readonly code = 'local' satisfies ErrorCode;
}
