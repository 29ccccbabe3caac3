import { DAY, type EpochMillis, epochMillis } from '../../lib/time.ts';

/** A time, and whether the clock runs from there at the pace of real time. */
export interface ClockTime {
  /** The time, in epoch milliseconds. */
  readonly at: number;
  readonly runs: boolean;
}

/**
 * The time of the service on this machine. During a feed it is the time of the events, so that a day of logs takes
 * seconds and answers become final as they would have. After the feed it runs on from there. It never moves more than a
 * day ahead of real time, because one event dated in the future would make all later ones too old.
 */
export class LocalClock {
  readonly #real: () => number;
  #at: number;
  #since: number | undefined;

  /** @param real returns the real time in milliseconds, which is used if `at` is too far ahead. */
  constructor(at: EpochMillis | undefined, real: () => number) {
    this.#real = real;
    this.#at = at !== undefined && this.follows(at) ? at : real();
  }

  /** Returns whether the clock would move to that time. */
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

  /** Moves the clock to that time, up to its limit; never back. */
  goTo(at: EpochMillis): void {
    this.set({ at: Math.max(this.now(), Math.min(at, this.#real() + DAY)), runs: this.#since !== undefined });
  }

  /** Lets the clock run at the pace of real time. */
  run(): void {
    this.set({ at: this.now(), runs: true });
  }

  set({ at, runs }: ClockTime): void {
    this.#at = at;
    this.#since = runs ? this.#real() : undefined;
  }
}
