import type { Question } from '../../attribution/questions.ts';
import { endOfSender, type PassingQuestion, startOfSender, waitIds } from '../../claims/waits.ts';
import type { ClaimWaits, LeftWaits, WaitPage } from '../../ports/claims.ts';
import { epochMillis, SECOND } from '../../time.ts';
import { current, expiry } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { deleteRequest, type Item, putRequest, queryRequest } from './requests.ts';
import { fieldsOf, instant, number, optional, read, text, truth } from './shape.ts';
import { TABLES } from './tables.ts';

/**
 * Waits in the claims table. Each wait is an item under its question. A new grant finds its claims there, without an
 * index.
 */
export class DynamoDbWaits implements ClaimWaits {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /**
   * Stores waits. Each is kept for twice as long as a record. It is written again before it could expire earlier than a
   * record that is stored now.
   */
  async add(waiter: string, questions: readonly Question[]): Promise<boolean> {
    const { database, table, clock, keep } = this.#of;
    const keys = new Map(questions.flatMap(partitionsOf).map((partition) => [partition, waitKey(partition, waiter)]));
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

  async page(wait: string, most: number, after?: string): Promise<WaitPage> {
    const { database, table, clock } = this.#of;
    const partition = waitPartition(wait);
    const start = after === undefined ? {} : { after: waitKey(partition, after) };
    const keyRange = { hash: partition, order: 'ascending', limit: most, ...start } as const;
    const items = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
    const waiters = current(items, clock()).map(({ sort }) => read(text, sort, 'sort'));
    return { waiters, after: items.length < most ? undefined : read(text, items.at(-1)?.sort, 'sort') };
  }

  async leave(left: LeftWaits): Promise<void> {
    const { database, table } = this.#of;
    await database.putAll(table, [this.#leftItem(left)]);
  }

  async left(sender?: string): Promise<LeftWaits | undefined> {
    const { database, table } = this.#of;
    const start = sender === undefined ? {} : { after: { partition: LEFT, sort: endOfSender(sender) } };
    const keyRange = { hash: LEFT, order: 'ascending', limit: 1, ...start } as const;
    const [item] = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
    return item && leftOf(item);
  }

  async repeat(of: Pick<LeftWaits, 'wait' | 'sender' | 'at'>): Promise<boolean> {
    const { database, table } = this.#of;
    const item = await database.get(table, leftKey(of));
    if (item === undefined) return false;
    const left = leftOf(item);
    // A later time distinguishes this note from the one that settle has read.
    const next = { ...left, again: true, at: epochMillis(Math.max(of.at, left.at + 1)) } as const;
    if (await database.put(putRequest(table, this.#leftItem(next), 'isAnnouncedAt', { ':at': left.at }))) return true;
    return this.repeat(of);
  }

  async advance(left: LeftWaits, rest: Pick<LeftWaits, 'after' | 'again'> | undefined): Promise<void> {
    const { database, table } = this.#of;
    const values = { ':at': left.at };
    if (rest === undefined) await database.delete(deleteRequest(table, leftKey(left), 'isAnnouncedAt', values));
    else {
      const item = this.#leftItem({ ...left, after: rest.after, again: rest.again });
      await database.put(putRequest(table, item, 'isAnnouncedAt', values));
    }
  }

  #leftItem(left: LeftWaits): Item {
    const { wait, sender, after, at, again } = left;
    const due = { due: at, expires: expiry(at, this.#of.keep), ...(again && { again }) };
    return { ...leftKey(left), wait, sender, after, ...due };
  }

  async remove(waiter: string, questions: readonly PassingQuestion[]): Promise<void> {
    const { database, table } = this.#of;
    for (const partition of questions.flatMap(partitionsOf))
      await database.delete(deleteRequest(table, waitKey(partition, waiter)));
  }
}

function partitionsOf(question: Question): readonly string[] {
  return waitIds(question).map(waitPartition);
}

function waitPartition(wait: string): string {
  return `wait ${fitted(wait)}`;
}

/** The partition of the notes about claims that settle still has to wake. */
const LEFT = 'waits left';
const leftShape = fieldsOf({ wait: text, sender: text, after: text, due: instant, again: optional(truth) });

function leftOf(item: Item): LeftWaits {
  const { due, ...left } = read(leftShape, item);
  return { ...left, at: due };
}

function leftKey({ wait, sender }: Pick<LeftWaits, 'wait' | 'sender'>): Key {
  return checkedKey({ partition: LEFT, sort: `${startOfSender(sender)}${fitted(wait)}` });
}

function waitKey(partition: string, waiter: string): Key {
  return checkedKey({ partition, sort: waiter });
}
