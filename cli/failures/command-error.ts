import type { ErrorCode } from '../../lib/error-code.ts';
import type { Refusal } from '../../lib/usecases/query/question.ts';

/** 130 after Ctrl-C, 143 where the command was told to end. */
export type ExitStatus = 1 | 2 | 130 | 143;

/** What ends a command: one sentence for a person (what, where, what to do) and the exit status. */
export class CommandError extends Error {
  readonly code = 'command' satisfies ErrorCode;
  readonly exitStatus: ExitStatus;

  constructor(message: string, exitStatus: ExitStatus, options?: ErrorOptions) {
    super(message, options);
    this.exitStatus = exitStatus;
  }
}

/** The command was called wrongly: exit status 2. */
export function wrongUsage(message: string): CommandError {
  return new CommandError(message, 2);
}

/** The service does not answer a question as it was put: it says which part, and what to ask in its place. */
export class RefusedQuestionError extends CommandError {
  /** `refusal` is what the use cases know it by. */
  constructor(message: string, refusal: Refusal) {
    super(message, 2, { cause: refusal });
  }
}

/** The service, or the way to it, is in trouble that may pass: the same question may be answered later. */
export class ServiceError extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 1, options);
  }
}
