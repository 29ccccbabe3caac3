import type { ErrorCode } from '../../lib/error-code.ts';
import type { Refusal } from '../../lib/usecases/query/question.ts';

/** The exit status of a failure: 130 after Ctrl-C, 143 after SIGTERM. */
export type ExitStatus = 1 | 2 | 130 | 143;

/** An error that ends a command, with the exit status. Its message says what happened, to what, and what to do. */
export class CommandError extends Error {
  readonly code = 'command' satisfies ErrorCode;
  readonly exitStatus: ExitStatus;

  constructor(message: string, exitStatus: ExitStatus, options?: ErrorOptions) {
    super(message, options);
    this.exitStatus = exitStatus;
  }
}

/** Returns the error for wrong usage: exit status 2. */
export function wrongUsage(message: string): CommandError {
  return new CommandError(message, 2);
}

/**
 * An error for a question that the service refuses. Its message names the wrong option or field, and what to give
 * instead.
 */
export class RefusedQuestionError extends CommandError {
  /** Keeps the refusal of the use cases as its cause. */
  constructor(message: string, refusal: Refusal) {
    super(message, 2, { cause: refusal });
  }
}

/** An error of the service or the network that may pass, so that the same question may be answered later. */
export class ServiceError extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 1, options);
  }
}
