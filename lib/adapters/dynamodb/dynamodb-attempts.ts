import type { AttemptNote, Attempts, DatedAttemptNote } from '../../ports/attempts.ts';
import { expiry, isExpired } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { deleteRequest } from './requests.ts';
import { instant, number, objectOf, read } from './shape.ts';

const attemptNote = objectOf<DatedAttemptNote>({ slices: number, open: number, at: instant });

/** Notes of attempts in the claims table, each an item of its own. */
export class DynamoDbAttempts implements Attempts {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async noted(id: string): Promise<DatedAttemptNote | undefined> {
    const { database, table, clock } = this.#of;
    const item = await database.get(table, keyOf(id));
    return item === undefined || isExpired(item, clock()) ? undefined : read(attemptNote, item.attempt, 'attempt');
  }

  async note(id: string, { slices, open }: AttemptNote): Promise<void> {
    const { database, table, clock, keep } = this.#of;
    const at = clock();
    await database.putAll(table, [{ ...keyOf(id), attempt: { slices, open, at }, expires: expiry(at, keep) }]);
  }

  async forget(id: string): Promise<void> {
    const { database, table } = this.#of;
    await database.delete(deleteRequest(table, keyOf(id)));
  }
}

function keyOf(id: string): Key {
  return checkedKey({ partition: `attempts at ${fitted(id)}`, sort: 'attempts' });
}
