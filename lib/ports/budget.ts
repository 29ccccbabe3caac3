import type { ErrorCode } from '../error-code.ts';

/** Limits the read requests for one question to the API or on the command line. */
export const MOST_REQUESTS = 2_000;
/** Limits the read requests for a question that needs a quick answer. They read a few hundred records. */
export const FEW_REQUESTS = 10;

/** Says that a question needs more requests than allowed before any part of its answer is known. */
export class RequestBudgetError extends Error {
  readonly code = 'request-budget' satisfies ErrorCode;
}

/**
 * The requests that one attempt at an answer may still make. Code that sends requests counts them. Code that makes the
 * answer checks the count.
 */
export interface Budget {
  /**
   * Returns whether this many more requests may start. After it returned false once, it always does, and the answer
   * ends there.
   */
  allows(requests: number): boolean;
  readonly isUsedUp: boolean;
  /**
   * Notes that one request starts.
   * @throws RequestBudgetError if the question has no requests left.
   */
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
   * Starts one attempt at the answer. It may use half of the remaining requests, so that another attempt is possible if
   * the answer is too large.
   * @param most limits the requests further, if the answer must be quick.
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
