import { SECOND } from '../time.ts';

/**
 * The upper bounds of the histogram's buckets, in seconds. The histogram has the delays between events and their final
 * answers. The last bucket has no upper bound.
 */
export const LAG_SECONDS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 2_400, 3_600, 7_200, 21_600, 86_400,
] as const;

/**
 * Returns the bucket of this delay.
 * @param lag the delay in milliseconds.
 */
export function lagPlace(lag: number): number {
  let place = 0;
  while (lag > (LAG_SECONDS[place] ?? Number.POSITIVE_INFINITY) * SECOND) place += 1;
  return place;
}

/**
 * Returns the seconds within which this share of the answers became final, as the upper bound of a bucket. Undefined if
 * there are no answers. Infinity if only the last bucket reaches the share.
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
