import { expiry, isExpired } from '../../../lib/adapters/expiry.ts';
import type { Question } from '../../../lib/attribution/questions.ts';
import { endOfSender, type PassingQuestion, startOfSender, waitIds } from '../../../lib/claims/waits.ts';
import type { ClaimWaits, LeftWaits, WaitPage } from '../../../lib/ports/claims.ts';
import { epochMillis } from '../../../lib/time.ts';
import { expiryOf, type MemoryWorld } from './memory-world.ts';

/** The facts that each claim waits for, in memory. */
export class MemoryWaits implements ClaimWaits {
  readonly #world: MemoryWorld;
  /** By question: the waiting claims, with the end of each wait. */
  readonly #waits = new Map<string, Map<string, number>>();

  readonly #left = new Map<string, LeftWaits>();

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async add(waiter: string, questions: readonly Question[]): Promise<boolean> {
    let isNew = false;
    for (const wait of questions.flatMap(waitIds)) {
      const waiting = this.#waits.get(wait) ?? new Map<string, number>();
      const expires = waiting.get(waiter);
      const isThere = expires !== undefined && !isExpired({ expires }, this.#world.clock());
      if (isThere && expires >= expiryOf('records', this.#world)) continue;
      this.#world.beforeWrite();
      isNew ||= !isThere;
      this.#waits.set(wait, waiting.set(waiter, this.#expiry()));
    }
    return isNew;
  }

  async page(wait: string, most: number, after = ''): Promise<WaitPage> {
    const rest = this.#waitingAt(wait)
      .filter((waiter) => waiter > after)
      .sort();
    const waiters = rest.slice(0, most);
    return { waiters, after: rest.length > most ? waiters.at(-1) : undefined };
  }

  async leave(left: LeftWaits): Promise<void> {
    this.#world.beforeWrite();
    this.#left.set(leftKey(left), left);
  }

  async repeat({ at, ...of }: Pick<LeftWaits, 'wait' | 'sender' | 'at'>): Promise<boolean> {
    const left = this.#left.get(leftKey(of));
    if (left === undefined) return false;
    this.#world.beforeWrite();
    this.#left.set(leftKey(of), { ...left, again: true, at: epochMillis(Math.max(at, left.at + 1)) });
    return true;
  }

  async left(sender?: string): Promise<LeftWaits | undefined> {
    const [first] = [...this.#left]
      .filter(([key]) => sender === undefined || key > endOfSender(sender))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return first?.[1];
  }

  async advance(left: LeftWaits, rest: Pick<LeftWaits, 'after' | 'again'> | undefined): Promise<void> {
    this.#world.beforeWrite();
    if (this.#left.get(leftKey(left))?.at !== left.at) return;
    const { again: _, ...of } = left;
    if (rest === undefined) this.#left.delete(leftKey(left));
    else this.#left.set(leftKey(left), { ...of, ...rest });
  }

  async remove(waiter: string, questions: readonly PassingQuestion[]): Promise<void> {
    for (const wait of questions.flatMap(waitIds)) {
      this.#world.beforeWrite();
      this.#waits.get(wait)?.delete(waiter);
    }
  }

  /** Returns when a wait expires: after twice the time of a record. */
  #expiry(): number {
    const { clock, keep } = this.#world;
    return keep === undefined ? expiryOf('records', this.#world) : expiry(clock(), keep.records * 2);
  }

  #waitingAt(wait: string): string[] {
    const now = this.#world.clock();
    const waiting = [...(this.#waits.get(wait) ?? [])];
    return waiting.filter(([, expires]) => !isExpired({ expires }, now)).map(([id]) => id);
  }
}

function leftKey({ sender, wait }: Pick<LeftWaits, 'wait' | 'sender'>): string {
  return `${startOfSender(sender)}${wait}`;
}
