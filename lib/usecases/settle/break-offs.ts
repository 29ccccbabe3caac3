import { type Claim, sendersOf } from '../../claims/claim.ts';
import type { DueList } from '../../claims/due-list.ts';
import type { Attempts } from '../../ports/attempts.ts';

type ClaimSender = Pick<Claim, 'summary' | 'sender'>;

/**
 * Finds the account on whose claims runs break off: by a time-out, for lack of memory or by a crash. A run notes each list that it takes until it
 * releases it. If it finds the note of a run before, that one broke off. Then it also notes the account of each claim while it decides it. A note
 * that was left shows the account.
 */
export class BreakOffs {
  readonly #attempts: Attempts | undefined;
  readonly #accounts = new Map<string, boolean>();
  #isCareful = false;

  constructor(attempts: Attempts | undefined) {
    this.#attempts = attempts;
  }

  /** Notes that the run took the list. */
  async take(list: DueList): Promise<void> {
    const before = await this.#attempts?.change(`settling ${list}`, () => ({ slices: 0, open: 1 }));
    if (before !== undefined) this.#isCareful = true;
  }

  async release(list: DueList): Promise<void> {
    await this.#attempts?.forget(`settling ${list}`);
  }

  /** Does the work for a claim. If earlier runs broke off, notes its accounts until the work has ended, however it ends. */
  async during<T>(claim: ClaimSender, work: () => Promise<T>): Promise<T> {
    const notes = this.#isCareful ? sendersOf(claim).map(noteOf) : [];
    for (const note of notes) await this.#attempts?.change(note, () => ({ slices: 0, open: 1 }));
    try {
      return await work();
    } finally {
      for (const note of notes) await this.#attempts?.forget(note);
    }
  }

  /** Returns the claims on whose accounts an earlier run broke off. */
  async suspects<T extends ClaimSender>(claims: readonly T[]): Promise<ReadonlySet<T>> {
    if (!this.#isCareful) return new Set();
    const notes = new Set(claims.flatMap((claim) => sendersOf(claim).map(noteOf)));
    for (const note of notes)
      if (!this.#accounts.has(note)) this.#accounts.set(note, (await this.#attempts?.noted(note)) !== undefined);
    return new Set(claims.filter((claim) => sendersOf(claim).every((sender) => this.#accounts.get(noteOf(sender)))));
  }
}

function noteOf(sender: string | undefined): string {
  return `settling claims of ${sender ?? 'no account'}`;
}
