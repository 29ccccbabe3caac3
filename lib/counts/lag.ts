import { SECOND } from '../time.ts';

/**
 * Upper bounds, in seconds, of the bins of the histogram of delays between event and final answer. The last bin has
 * none.
 */
export const LAG_SECONDS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 2_400, 3_600, 7_200, 21_600, 86_400,
] as const;

/**
 * Returns the bin of this delay.
 * @param lag in milliseconds.
 */
export function lagPlace(lag: number): number {
  let place = 0;
  while (lag > (LAG_SECONDS[place] ?? Number.POSITIVE_INFINITY) * SECOND) place += 1;
  return place;
}

/**
 * Returns the seconds within which this share of the answers became final, as the upper bound of a bin. Returns undefined
 * if there are no answers, and infinity if the share is reached only in the last bin.
 * @param share from 0 to 1.
 */
export function lagWithin(histogram: readonly number[], share: number): number | undefined {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let left = total * share;
  for (const [place, count] of histogram.entries()) {
    left -= count;
    if (count > 0 && left <= 0) return LAG_SECONDS[place] ?? Number.POSITIVE_INFINITY;
  }
  return undefined;
}
