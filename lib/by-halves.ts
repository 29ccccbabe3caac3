/**
 * Returns the index of the first entry for which `holds` is true, by binary search. It must also be true for all later
 * entries. Returns the length of the list if there is none.
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
