/**
 * Requests that one process has under way at once: fewer than the SDK's 50 connections, since waiting for one of them
 * counts as waiting for the answer.
 */
export const MOST_AT_ONCE = 32;

/**
 * Does the work for each entry, a few at once, and answers in the order of the entries.
 * @throws what the first work to fail throws, once all that was under way has ended; the rest is not begun.
 */
export async function mapConcurrently<T, R>(entries: readonly T[], work: (entry: T) => Promise<R>): Promise<R[]> {
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
  await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, entries.length) }, workThrough));
  if (failures.length > 0) throw failures[0];
  return results;
}
