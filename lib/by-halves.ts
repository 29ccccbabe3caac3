/**
 * Returns the index of the first entry for which `holds` is true, by binary search. `holds` must also be true for all
 * entries after it. If there is no such entry, returns the length of the list.
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
