import { mulberry32 } from '../../examples/random.ts';

/** A seeded random generator: the same draws on each machine. */
export class Random {
  /** Returns a number in [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = mulberry32(seed);
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Draws from a log-normal distribution whose slowest tenth starts at three times the median. */
  skewed(median: number): number {
    return median * Math.exp((Math.log(3) / 1.2816) * this.normal());
  }

  /** Draws the number of independent occurrences with this mean. */
  count(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = -1;
    for (let product = 1; product > limit; product *= this.next()) count += 1;
    return Math.max(0, count);
  }
}
