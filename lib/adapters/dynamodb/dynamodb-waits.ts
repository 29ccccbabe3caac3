import type { Question } from '../../attribution/questions.ts';
import { type PassingQuestion, waitIds } from '../../claims/waits.ts';
import type { ClaimWaits } from '../../ports/claims.ts';
import { SECOND } from '../../time.ts';
import { current, expiry } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { deleteRequest, queryRequest } from './requests.ts';
import { number, read, text } from './shape.ts';
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

  async remove(claimId: string, questions: readonly PassingQuestion[]): Promise<void> {
    const { database, table } = this.#of;
    for (const partition of questions.flatMap(partitionsOf))
      await database.delete(deleteRequest(table, waitKey(partition, claimId)));
  }
}

function partitionsOf(question: Question): readonly string[] {
  return waitIds(question).map((wait) => `wait ${fitted(wait)}`);
}

function waitKey(partition: string, claimId: string): Key {
  return checkedKey({ partition, sort: claimId });
}
