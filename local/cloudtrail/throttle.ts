/** Whether one more request is admitted for `bucket`; asking is counted as the request where it is. */
export type Throttle = (bucket: string) => boolean;

/**
 * Admits at most `perSecond` requests of a bucket in any 1,000 ms. FACTS: LookupEvents allows 2 requests per second
 * for each account and Region. How AWS measures the second is not published; a sliding window is the strictest
 * reading, so a client that passes it passes AWS. Refused requests do not count.
 *
 * @param now milliseconds of a clock that never goes back
 */
export function createThrottle(perSecond: number, now: () => number): Throttle {
  const admitted = new Map<string, number[]>();
  return (bucket) => {
    const time = now();
    const recent = (admitted.get(bucket) ?? []).filter((earlier) => time - earlier < 1000);
    admitted.set(bucket, recent);
    if (recent.length >= perSecond) return false;
    recent.push(time);
    return true;
  };
}
