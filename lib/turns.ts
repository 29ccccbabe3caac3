/**
 * Returns the items in turns: the first of each account, then the second of each, and so on. If only some items are
 * shown, an account with many must not hide those of others. It may have invented them. An item of several accounts
 * comes at the earliest of its turns.
 */
export function inTurns<T>(
  items: readonly T[],
  accountsOf: (item: T) => readonly (string | undefined)[],
): readonly T[] {
  const queues = new Map<string | undefined, T[]>();
  for (const item of items) {
    const [first, ...others] = accountsOf(item);
    for (const account of [first, ...others]) {
      const queue = queues.get(account);
      if (queue === undefined) queues.set(account, [item]);
      else queue.push(item);
    }
  }
  return [...new Set(byTurns([...queues.values()]))];
}

/** Returns the items of the accounts in turns. The accounts that come last follow them, in turns too. */
export function inTurnsOfSenders<T>(
  items: readonly T[],
  senderOf: (item: T) => string | undefined,
  isLast: (sender: string | undefined) => boolean,
): readonly T[] {
  const turns = inTurns(items, (item) => [senderOf(item)]);
  return turns.toSorted((a, b) => Number(isLast(senderOf(a))) - Number(isLast(senderOf(b))));
}

/**
 * Returns at most `most` of the items, in their order. The accounts take turns, so that an account with many items does
 * not hide those of others.
 */
export function fewerInTurns<T>(
  items: readonly T[],
  accountsOf: (item: T) => readonly (string | undefined)[],
  most: number,
): readonly T[] {
  if (items.length <= most) return items;
  const kept = new Set(inTurns(items, accountsOf).slice(0, most));
  return items.filter((each) => kept.has(each));
}

/**
 * Limits the items of each account that are remembered, if items come in any order. An account with many items leaves
 * room for others.
 */
export class RoomOfEach {
  readonly #most: number;
  readonly #taken = new Map<string | undefined, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes the room of one more item of the account. Returns whether there was room. */
  take(account: string | undefined): boolean {
    const taken = this.#taken.get(account) ?? 0;
    if (taken >= this.#most) return false;
    this.#taken.set(account, taken + 1);
    return true;
  }
}

/** Returns the first item of each queue, then the second of each, and so on. */
export function byTurns<T>(queues: readonly (readonly T[])[]): readonly T[] {
  return queues
    .flatMap((queue) => queue.map((item, turn) => ({ item, turn })))
    .sort((a, b) => a.turn - b.turn)
    .map(({ item }) => item);
}
