import type { ErrorCode } from '../error-code.ts';

/** Requests that read the tables for one question, of the API or of the command line: no more are made. */
export const MOST_REQUESTS = 2_000;
/** Those of a question that is to be answered at once: some hundred records are read. */
export const FEW_REQUESTS = 10;

/** A question that needs more requests than one question may take before any of its answer is known. */
export class RequestBudgetError extends Error {
  readonly code = 'request-budget' satisfies ErrorCode;
}

/** What one try at an answer may still ask: counted by whoever sends requests, looked at by whoever can end the answer. */
export interface Budget {
  /** Whether so many more requests may be begun. Once not, none are: the answer ends where it is. */
  allows(requests: number): boolean;
  readonly isUsedUp: boolean;
  /** @throws RequestBudgetError where the question has none left. */
  spend(): void;
}

/** The requests of one question. */
export class RequestBudget {
  readonly #most: number;
  #left: number;

  constructor(most: number = MOST_REQUESTS) {
    this.#most = most;
    this.#left = most;
  }

  /**
   * One try at the answer. It ends where half of what is left is used, so that it can be tried again where it is too large to
   * be answered with; where it is to end at once, after `most`.
   */
  try(most: number = this.#most): Budget {
    const spend = () => this.#spend();
    let left = Math.min(most, Math.floor(this.#left / 2));
    let isUsedUp = false;
    return {
      allows(requests) {
        if (left < requests) isUsedUp = true;
        return !isUsedUp;
      },
      get isUsedUp() {
        return isUsedUp || left <= 0;
      },
      spend() {
        spend();
        left -= 1;
      },
    };
  }

  #spend(): void {
    if (this.#left === 0)
      throw new RequestBudgetError(
        `The question takes more than ${this.#most} requests to the tables: ask for a shorter time, give fewer values, or a smaller limit.`,
      );
    this.#left -= 1;
  }
}
