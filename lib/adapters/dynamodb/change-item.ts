import { setTimeout as wait } from 'node:timers/promises';
import type { ErrorCode } from '../../error-code.ts';
import type { EpochMillis } from '../../time.ts';
import { isExpired } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import type { Key } from './keys.ts';
import { type Item, replaceRequest } from './requests.ts';
import { number, read } from './shape.ts';

/** Says that an item could not be written, because other processes kept changing it. Repeat the work later. */
export class ContentionError extends Error {
  readonly code = 'item-contention' satisfies ErrorCode;
}

interface Change<T> {
  /** The new item, with its `expires`. If absent, the stored item stays as it is. */
  readonly item?: Item | undefined;
  readonly result: T;
}

const MOST_TRIES = 20;

/**
 * Changes one item by a function of its current value, which is undefined if there is no item. If another process
 * changes the item in the meantime, the function is called again. So it must have no other effects.
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
