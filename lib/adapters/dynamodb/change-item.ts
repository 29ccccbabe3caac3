import { setTimeout as wait } from 'node:timers/promises';
import type { ErrorCode } from '../../error-code.ts';
import type { EpochMillis } from '../../time.ts';
import { isExpired } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import type { Key } from './keys.ts';
import { type Item, replaceRequest } from './requests.ts';
import { number, read } from './shape.ts';

/** The error for an item that other processes kept changing, so that it could not be written. Repeat the work later. */
export class ContentionError extends Error {
  readonly code = 'item-contention' satisfies ErrorCode;
}

interface Change<T> {
  /** The new item, with its `expires`. Absent to keep the stored item unchanged. */
  readonly item?: Item | undefined;
  readonly result: T;
}

const MOST_TRIES = 20;

/**
 * Changes one item with a function of its current value, undefined if there is none. If another process changes the
 * item meanwhile, the function is called again.
 * @param todo what to do if that keeps happening, for the error.
 * @throws ContentionError after too many attempts.
 */
export async function changeItem<T>(
  { database, table, clock }: TableHandle,
  key: Key,
  todo: string,
  change: (item: Item | undefined, now: EpochMillis) => Change<T> | Promise<Change<T>>,
): Promise<T> {
  for (let attempt = 1; attempt <= MOST_TRIES; attempt += 1) {
    const stored = await database.get(table, key);
    const now = clock();
    const before = stored === undefined || isExpired(stored, now) ? undefined : stored;
    const { item, result } = await change(before, now);
    if (item === undefined) return result;
    const revision = before && read(number, before.revision, 'revision');
    if (await database.put(replaceRequest(table, { ...item, ...key }, revision, now))) return result;
    await wait(Math.random() * 20 * attempt);
  }
  throw new ContentionError(`${key.partition} ${key.sort} was changed by other processes ${MOST_TRIES} times. ${todo}`);
}
