import { mapConcurrently } from '../../concurrency.ts';
import type { ErrorCode } from '../../error-code.ts';
import { StoredItemError } from '../../ports/stored-items.ts';

/** Items that a store does not take or cannot read: all else of the work is done, and these are to be looked at. */
class FaultyItemsError extends Error {
  readonly code = 'faulty-items' satisfies ErrorCode;

  /** `what` they are, in words: `records of the batch`. */
  constructor(what: string, [fault, ...others]: readonly [StoredItemError, ...StoredItemError[]]) {
    super(`${others.length + 1} ${what} cannot be written or read. The first: ${fault.message}`, { cause: fault });
  }
}

/** @throws FaultyItemsError where there are any. */
export function throwFaults(what: string, [fault, ...others]: readonly StoredItemError[]): void {
  if (fault !== undefined) throw new FaultyItemsError(what, [fault, ...others]);
}

export interface Faulty<T> {
  readonly entry: T;
  readonly fault: StoredItemError;
}

/** Does the work for every entry, and answers those whose item is faulty. @throws any other failure of the work. */
export async function faultyOnes<T>(
  entries: readonly T[],
  work: (entry: T) => Promise<unknown>,
): Promise<readonly Faulty<T>[]> {
  const outcomes = await mapConcurrently(entries, async (entry) => {
    try {
      await work(entry);
      return [];
    } catch (fault) {
      if (fault instanceof StoredItemError) return [{ entry, fault }];
      throw fault;
    }
  });
  return outcomes.flat();
}
