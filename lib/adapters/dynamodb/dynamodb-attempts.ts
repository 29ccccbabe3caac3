import type { AttemptNote, Attempts, DatedAttemptNote } from '../../ports/attempts.ts';
import type { EpochMillis } from '../../time.ts';
import { expiry, isExpired } from '../expiry.ts';
import { changeItem } from './change-item.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { deleteRequest, type Item } from './requests.ts';
import { exactOptional, instant, listOf, number, objectOf, read, text } from './shape.ts';

const attemptNote = objectOf<DatedAttemptNote>({
  slices: number,
  open: number,
  on: exactOptional(listOf(text)),
  at: instant,
});

/** Notes of attempts in the claims table, each an item of its own. */
export class DynamoDbAttempts implements Attempts {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async noted(id: string): Promise<DatedAttemptNote | undefined> {
    const { database, table, clock } = this.#of;
    const item = await database.get(table, keyOf(id));
    return item === undefined || isExpired(item, clock()) ? undefined : noteIn(item);
  }

  async change(
    id: string,
    change: (before: DatedAttemptNote | undefined, now: EpochMillis) => AttemptNote,
  ): Promise<DatedAttemptNote | undefined> {
    return changeItem<DatedAttemptNote | undefined>(this.#of, keyOf(id), 'Deliver it again.', (item, now) => {
      const before = item && noteIn(item);
      return {
        item: { attempt: { ...change(before, now), at: now }, expires: expiry(now, this.#of.keep) },
        result: before,
      };
    });
  }

  async forget(id: string): Promise<void> {
    const { database, table } = this.#of;
    await database.delete(deleteRequest(table, keyOf(id)));
  }
}

function noteIn(item: Item): DatedAttemptNote {
  return read(attemptNote, item.attempt, 'attempt');
}

function keyOf(id: string): Key {
  return checkedKey({ partition: `attempts at ${fitted(id)}`, sort: 'attempts' });
}
