import { setTimeout as sleep } from 'node:timers/promises';

/** Waits and time, so that tests need neither. Both in milliseconds. */
export interface Waiting {
  now(): number;
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Lets requests of one account and Region go one after the other, a fixed time apart: LookupEvents takes 2 a second,
 * which cannot be raised (FACTS), and being throttled costs more than waiting.
 */
export class Pacer {
  readonly #apart: number;
  readonly #waiting: Waiting;
  #next = Number.NEGATIVE_INFINITY;
  #isWarm = false;

  constructor(requestsPerSecond: number, waiting: Waiting) {
    this.#apart = 1_000 / requestsPerSecond + JITTER;
    this.#waiting = waiting;
  }

  /** Answers when the next request may be sent. */
  async turn(signal?: AbortSignal): Promise<void> {
    const now = this.#waiting.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#apart;
    if (at > now) await this.#waiting.wait(at - now, signal);
  }

  /** The request is sent now, maybe long after its turn: the next comes no sooner after it than after any other. */
  sent(): void {
    this.#next = Math.max(this.#next, this.#waiting.now() + this.#apart);
  }

  /**
   * The request was answered. The first one may have left long after it was sent, behind the credentials and the
   * connection.
   */
  answered(): void {
    if (this.#isWarm) return;
    this.#isWarm = true;
    this.sent();
  }
}

/** Requests arrive a little earlier or later than they were sent; in milliseconds. */
export const JITTER = 30;

/** The machine's own clock, which never goes back. */
export const realWaiting: Waiting = {
  now: () => performance.now(),
  wait: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  },
};
