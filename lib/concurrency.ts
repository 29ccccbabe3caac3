/**
 * Limits the requests that one process makes at the same time. It is less than the SDK's 50 connections, because
 * waiting for a connection counts as waiting for the response.
 */
export const MOST_AT_ONCE = 32;

/**
 * Does the work for each entry, a few at a time. Returns the results in the order of the entries.
 * @throws the first error, once all work that began has ended. No more work is started.
 */
export async function mapConcurrently<T, R>(
  entries: readonly T[],
  work: (entry: T) => Promise<R>,
  atOnce = MOST_AT_ONCE,
): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const left = entries.entries();
  const workThrough = async (): Promise<void> => {
    for (const [at, entry] of left) {
      if (failures.length > 0) return;
      try {
        results[at] = await work(entry);
      } catch (failure) {
        failures.push(failure);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, entries.length) }, workThrough));
  if (failures.length > 0) throw failures[0];
  return results;
}
