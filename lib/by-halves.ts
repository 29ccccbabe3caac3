/**
 * At which place of a list stands the first for which it holds, found by halves: the list is in such an order that it holds for
 * all behind that one. The list's length where it holds for none.
 */
export function firstWhere<T>(list: readonly T[], holds: (each: T) => boolean): number {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(list[middle] as T)) to = middle;
    else from = middle + 1;
  }
  return from;
}
