import type { EpochMillis } from '../../lib/time.ts';

/**
 * The time that the service on this machine goes by: the events', so that a day of logs takes seconds and an answer
 * becomes final when it would have. After the feed it runs on from there at the pace of real time.
 *
 * The handlers ask `Date.now`, as they do in Lambda; this process runs nothing else, so `Date.now` itself is set.
 */
export class LocalClock {
  readonly #real = Date.now;
  #at: number;
  #since: number | undefined;

  constructor(at: EpochMillis | undefined) {
    this.#at = at ?? this.#real();
    Date.now = () => this.now();
  }

  now(): number {
    return this.#since === undefined ? this.#at : this.#at + (this.#real() - this.#since);
  }

  /** Goes on to that time; never back. */
  goTo(at: EpochMillis): void {
    this.#at = Math.max(this.now(), at);
    if (this.#since !== undefined) this.#since = this.#real();
  }

  /** From now on it runs by itself. */
  run(): void {
    this.#since ??= this.#real();
  }

  stop(): void {
    Date.now = this.#real;
  }
}
