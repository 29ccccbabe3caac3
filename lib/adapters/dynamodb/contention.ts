import { setTimeout as wait } from 'node:timers/promises';
import type { ErrorCode } from '../../error-code.ts';

/** An item that others change all the time: the work is to be done again later. */
export class ClaimContentionError extends Error {
  readonly code = 'claim-contention' satisfies ErrorCode;
}

const MOST_TRIES = 20;

/**
 * Reads, changes and puts, until nobody is faster. `todo` says what to do where that never comes.
 * @throws ClaimContentionError then.
 */
export async function untilUnchanged<T>(
  what: string,
  todo: string,
  tryOnce: () => Promise<{ readonly done: boolean; readonly result: T }>,
): Promise<T> {
  for (let attempt = 1; attempt <= MOST_TRIES; attempt += 1) {
    const { done, result } = await tryOnce();
    if (done) return result;
    await wait(Math.random() * 20 * attempt);
  }
  throw new ClaimContentionError(`${what} was changed by others ${MOST_TRIES} times. ${todo}`);
}
