import { mapConcurrently } from '../../concurrency.ts';
import type { ErrorCode } from '../../error-code.ts';
import type { Correction, Insertion } from '../../ports/records.ts';
import { StoredItemError } from '../../ports/stored-items.ts';

/**
 * Says that a store refused items or cannot read them. All other items are done. An operator must look at the faulty
 * ones.
 */
export class FaultyItemsError extends Error {
  readonly code = 'faulty-items' satisfies ErrorCode;

  /** @param what names the items: `records of the batch`. */
  constructor(what: string, [fault, ...others]: readonly [StoredItemError, ...StoredItemError[]]) {
    super(`${others.length + 1} ${what} cannot be written or read. The first: ${fault.message}`, { cause: fault });
  }
}

/**
 * Throws the faults, if there are any, as one error.
 * @throws FaultyItemsError
 */
export function throwFaults(what: string, [fault, ...others]: readonly StoredItemError[]): void {
  if (fault !== undefined) throw new FaultyItemsError(what, [fault, ...others]);
}

/** Returns the faults of the records that the store refused. */
export function faultsOf(outcomes: readonly (Insertion | Correction)[]): StoredItemError[] {
  const faults: StoredItemError[] = []; // There are few faults among thousands of records.
  for (const each of outcomes) if (each.outcome === 'refused') faults.push(each.fault);
  return faults;
}

export interface Faulty<T> {
  readonly entry: T;
  readonly fault: StoredItemError;
}

/**
 * Does the work for every entry. Returns the entries whose items are faulty.
 * @throws any other error of the work.
 */
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
