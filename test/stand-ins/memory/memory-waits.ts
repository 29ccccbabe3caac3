import { expiry, isExpired } from '../../../lib/adapters/expiry.ts';
import type { Question } from '../../../lib/attribution/questions.ts';
import { type PassingQuestion, waitIds } from '../../../lib/claims/waits.ts';
import type { ClaimWaits } from '../../../lib/ports/claims.ts';
import { expiryOf, type MemoryWorld } from './memory-world.ts';

/** The facts that each claim waits for, in memory. */
export class MemoryWaits implements ClaimWaits {
  readonly #world: MemoryWorld;
  /** By question: the waiting claims, with the end of each wait. */
  readonly #waits = new Map<string, Map<string, number>>();

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
