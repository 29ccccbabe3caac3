import { setTimeout as sleep } from 'node:timers/promises';

/** A clock and a timer, which tests replace. Both use milliseconds. */
export interface PaceTimer {
  now(): number;
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Lets the requests of one account and Region wait for their turns, with a fixed time between them. LookupEvents allows
 * 2 a second, which cannot be raised (FACTS). Throttling costs more than waiting.
 */
export class Pacer {
  readonly #apart: number;
  readonly #waiting: PaceTimer;
  #next = Number.NEGATIVE_INFINITY;
  #isWarm = false;

  constructor(requestsPerSecond: number, waiting: PaceTimer) {
    this.#apart = 1_000 / requestsPerSecond + JITTER;
    this.#waiting = waiting;
  }

  /** Waits until the next request may be sent. */
  async turn(signal?: AbortSignal): Promise<void> {
    const now = this.#waiting.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#apart;
    if (at > now) await this.#waiting.wait(at - now, signal);
  }

  /** Notes that the request is sent now, which can be long after its turn. The next request waits from this time on. */
  sent(): void {
    this.#next = Math.max(this.#next, this.#waiting.now() + this.#apart);
  }

  /**
   * Notes that the request was answered. The first request may leave the machine long after it was sent, because it
   * waits for credentials and a connection.
   */
  answered(): void {
    if (this.#isWarm) return;
    this.#isWarm = true;
    this.sent();
  }
}

/**
 * The additional distance between requests, in milliseconds. They arrive slightly earlier or later than they were sent.
 */
export const JITTER = 30;

/** The monotonic clock and the timer of the machine. */
export const realTimer: PaceTimer = {
  now: () => performance.now(),
  wait: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  },
};
