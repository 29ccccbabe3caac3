import type { ErrorCode } from '../error-code.ts';

/** Requests to the tables that one question takes at most, be it asked of the API or of the tables. */
export const MOST_REQUESTS = 2_000;
/** Kept back for reading the records of a page that was ended. */
const KEPT_BACK = 200;

/** A question that needs more requests than one question may take, before any of its answer is known. */
export class RequestBudgetError extends Error {
  readonly code = 'request-budget' satisfies ErrorCode;
}

/** What one question may still ask of the tables: counted by whoever sends requests, looked at by whoever could stop. */
export class RequestBudget {
  readonly #most: number;
  #left: number;
  #isUsedUp = false;

  constructor(most: number = MOST_REQUESTS) {
    this.#most = most;
    this.#left = most;
  }

  /** Whether so many requests may be begun beside what ends the page. Once not, none are. */
  allows(requests: number): boolean {
    if (this.#left - requests < Math.min(KEPT_BACK, this.#most / 2)) this.#isUsedUp = true;
    return !this.#isUsedUp;
  }

  /** Whether the answer is to end where it is. */
  get isUsedUp(): boolean {
    return this.#isUsedUp;
  }

  /** @throws RequestBudgetError where there is none left. */
  spend(): void {
    if (this.#left === 0)
      throw new RequestBudgetError(
        `The question takes more than ${this.#most} requests to the tables: ask for a shorter time, or give fewer values.`,
      );
    this.#left -= 1;
  }
}
