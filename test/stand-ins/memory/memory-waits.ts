import { expiry, isExpired } from '../../../lib/adapters/expiry.ts';
import type { Question } from '../../../lib/attribution/questions.ts';
import { type PassingQuestion, waitIds } from '../../../lib/claims/waits.ts';
import type { ClaimWaits, LeftWaits, WaitPage } from '../../../lib/ports/claims.ts';
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

  async add(claimId: string, questions: readonly Question[]): Promise<boolean> {
    let isNew = false;
    for (const wait of questions.flatMap(waitIds)) {
      const isThere = this.#waitingAt(wait).includes(claimId);
      const waiting = this.#waits.get(wait) ?? new Map<string, number>();
      if (isThere && (waiting.get(claimId) ?? 0) >= expiryOf('records', this.#world)) continue;
      this.#world.beforeWrite();
      isNew ||= !isThere;
      this.#waits.set(wait, waiting.set(claimId, this.#expiry()));
    }
    return isNew;
  }

  async claimIdsOf(question: Question): Promise<readonly string[]> {
    return [...new Set(waitIds(question).flatMap((wait) => this.#waitingAt(wait)))];
  }

  async page(wait: string, most: number, after = ''): Promise<WaitPage> {
    const rest = this.#waitingAt(wait)
      .filter((id) => id > after)
      .sort();
    const ids = rest.slice(0, most);
    return { ids, after: rest.length > most ? ids.at(-1) : undefined };
  }

  async leave(left: LeftWaits): Promise<void> {
    this.#world.beforeWrite();
    this.#left.set(left.wait, left);
  }

  async left(most: number): Promise<readonly LeftWaits[]> {
    return [...this.#left.values()].slice(0, most);
  }

  async advance(left: LeftWaits, after: string | undefined): Promise<void> {
    this.#world.beforeWrite();
    if (this.#left.get(left.wait)?.at !== left.at) return;
    if (after === undefined) this.#left.delete(left.wait);
    else this.#left.set(left.wait, { ...left, after });
  }

  async remove(claimId: string, questions: readonly PassingQuestion[]): Promise<void> {
    for (const wait of questions.flatMap(waitIds)) {
      this.#world.beforeWrite();
      this.#waits.get(wait)?.delete(claimId);
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
