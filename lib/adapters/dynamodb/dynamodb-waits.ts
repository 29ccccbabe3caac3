import type { Question } from '../../attribution/questions.ts';
import { type PassingQuestion, waitIds } from '../../claims/waits.ts';
import type { ClaimWaits, LeftWaits, WaitPage } from '../../ports/claims.ts';
import { SECOND } from '../../time.ts';
import { current, expiry } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { deleteRequest, putRequest, queryRequest } from './requests.ts';
import { fieldsOf, instant, number, read, text } from './shape.ts';
import { TABLES } from './tables.ts';

/**
 * Waits in the claims table: an item for each wait under its question, so that a new grant finds its claims in the
 * table itself.
 */
export class DynamoDbWaits implements ClaimWaits {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /**
   * Stores waits. Each is kept for twice as long as a record, and written again once it could expire before a record of
   * now.
   */
  async add(claimId: string, questions: readonly Question[]): Promise<boolean> {
    const { database, table, clock, keep } = this.#of;
    const keys = new Map(questions.flatMap(partitionsOf).map((partition) => [partition, waitKey(partition, claimId)]));
    const found = await database.getAll(table, [...keys.values()]);
    const now = clock();
    const there = new Map(
      current(found, now).map((item) => [item.partition, read(number, item.expires, 'expires') * SECOND]),
    );
    const stale = [...keys].filter(([partition]) => (there.get(partition) ?? 0) < now + keep);
    await database.putAll(
      table,
      stale.map(([, key]) => ({ ...key, expires: expiry(now, keep * 2) })),
    );
    return stale.some(([partition]) => !there.has(partition));
  }

  async claimIdsOf(question: Question): Promise<readonly string[]> {
    const { database, table, clock } = this.#of;
    const waitsIn = (hash: string) =>
      database.query(queryRequest(table, TABLES.claims.key, { hash, order: 'ascending' } as const));
    const items = (await Promise.all(partitionsOf(question).map(waitsIn))).flat();
    return [...new Set(current(items, clock()).map(({ sort }) => read(text, sort, 'sort')))];
  }

  async page(wait: string, most: number, after?: string): Promise<WaitPage> {
    const { database, table, clock } = this.#of;
    const partition = waitPartition(wait);
    const start = after === undefined || after === '' ? {} : { after: waitKey(partition, after) };
    const keyRange = { hash: partition, order: 'ascending', limit: most, ...start } as const;
    const items = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
    const ids = current(items, clock()).map(({ sort }) => read(text, sort, 'sort'));
    return { ids, after: items.length < most ? undefined : read(text, items.at(-1)?.sort, 'sort') };
  }

  async leave({ wait, after, at }: LeftWaits): Promise<void> {
    const { database, table, keep } = this.#of;
    await database.putAll(table, [{ ...leftKey(wait), wait, after, due: at, expires: expiry(at, keep) }]);
  }

  async left(most: number): Promise<readonly LeftWaits[]> {
    const { database, table } = this.#of;
    const keyRange = { hash: LEFT, order: 'ascending', limit: most } as const;
    const items = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
    return items.map((item) => {
      const { due, ...left } = read(leftShape, item);
      return { ...left, at: due };
    });
  }

  async advance({ wait, at }: LeftWaits, after: string | undefined): Promise<void> {
    const { database, table, keep } = this.#of;
    const values = { ':at': at };
    if (after === undefined) {
      await database.delete(deleteRequest(table, leftKey(wait), 'isAnnouncedAt', values));
      return;
    }
    const item = { ...leftKey(wait), wait, after, due: at, expires: expiry(at, keep) };
    await database.put(putRequest(table, item, 'isAnnouncedAt', values));
  }

  async remove(claimId: string, questions: readonly PassingQuestion[]): Promise<void> {
    const { database, table } = this.#of;
    for (const partition of questions.flatMap(partitionsOf))
      await database.delete(deleteRequest(table, waitKey(partition, claimId)));
  }
}

function partitionsOf(question: Question): readonly string[] {
  return waitIds(question).map(waitPartition);
}

function waitPartition(wait: string): string {
  return `wait ${fitted(wait)}`;
}

/** The partition of the notes about claims that are still to be woken. */
const LEFT = 'waits left';
const leftShape = fieldsOf({ wait: text, after: text, due: instant });

function leftKey(wait: string): Key {
  return checkedKey({ partition: LEFT, sort: fitted(wait) });
}

function waitKey(partition: string, claimId: string): Key {
  return checkedKey({ partition, sort: claimId });
}
