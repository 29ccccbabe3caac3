import type { ErrorCode } from '../../lib/error-code.ts';

/** Why the service cannot run on this machine: one sentence for a person, with what to do. */
export class LocalError extends Error {
  readonly code = 'local' satisfies ErrorCode;
}
