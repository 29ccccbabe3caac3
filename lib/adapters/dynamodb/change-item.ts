import { setTimeout as wait } from 'node:timers/promises';
import type { ErrorCode } from '../../error-code.ts';
import type { EpochMillis } from '../../time.ts';
import { isOver } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import type { Key } from './keys.ts';
import { type Item, replaceRequest } from './requests.ts';
import { number, read } from './shape.ts';

/** An item that others change all the time: the work is to be done again later. */
export class ContentionError extends Error {
  readonly code = 'item-contention' satisfies ErrorCode;
}

interface Change<T> {
  /** What the item is to be, with its `expires`; absent where nothing is to be changed. */
  readonly item?: Item | undefined;
  readonly result: T;
}

const MOST_TRIES = 20;

/**
 * Changes one item by a function of what it is now, undefined where there is none; the function is called again where somebody
 * else was faster. `todo` says what to do where that never ends.
 * @throws ContentionError then.
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
    const before = stored === undefined || isOver(stored, now) ? undefined : stored;
    const { item, result } = await change(before, now);
    if (item === undefined) return result;
    const revision = before && read(number, before.revision, 'revision');
    if (await database.put(replaceRequest(table, { ...item, ...key }, revision, now))) return result;
    await wait(Math.random() * 20 * attempt);
  }
  throw new ContentionError(`${key.partition} ${key.sort} was changed by others ${MOST_TRIES} times. ${todo}`);
}
