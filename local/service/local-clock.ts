import { DAY, type EpochMillis, epochMillis } from '../../lib/time.ts';

/** A time, and whether it runs on from there at the pace of real time. */
export interface ClockTime {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly runs: boolean;
}

/**
 * The time that the service on this machine goes by: the events', so that a day of logs takes seconds and an answer
 * becomes final when it would have. After the feed it runs on from there. It follows nobody more than a day ahead of the
 * real time: one event that is dated so would make all that come later too old.
 */
export class LocalClock {
  readonly #real: () => number;
  #at: number;
  #since: number | undefined;

  /** `real` tells the real time, in milliseconds, which it goes by where `at` lies too far ahead. */
  constructor(at: EpochMillis | undefined, real: () => number) {
    this.#real = real;
    this.#at = at !== undefined && this.follows(at) ? at : real();
  }

  /** Whether it goes to that time. */
  follows(at: EpochMillis): boolean {
    return at <= this.#real() + DAY;
  }

  now(): number {
    return this.#since === undefined ? this.#at : this.#at + (this.#real() - this.#since);
  }

  get instant(): EpochMillis {
    return epochMillis(this.now());
  }

  get time(): ClockTime {
    return { at: this.now(), runs: this.#since !== undefined };
  }

  /** Goes on to that time, as far as it follows; never back. */
  goTo(at: EpochMillis): void {
    this.set({ at: Math.max(this.now(), Math.min(at, this.#real() + DAY)), runs: this.#since !== undefined });
  }

  /** From now on it runs by itself. */
  run(): void {
    this.set({ at: this.now(), runs: true });
  }

  set({ at, runs }: ClockTime): void {
    this.#at = at;
    this.#since = runs ? this.#real() : undefined;
  }
}
