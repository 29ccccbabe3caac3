/**
 * Returns the items in turns: the first of each account, then the second of each, and so on. Where only some are shown, an account with
 * many, which it may have invented, must not hide those of the others.
 */
export function inTurns<T>(items: readonly T[], accountOf: (item: T) => string | undefined): readonly T[] {
  const ofEach = [...Map.groupBy(items, accountOf).values()];
  return ofEach
    .flatMap((ofOne) => ofOne.map((item, turn) => ({ item, turn })))
    .sort((a, b) => a.turn - b.turn)
    .map(({ item }) => item);
}
