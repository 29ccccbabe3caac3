import { type Claim, sendersOf } from '../../claims/claim.ts';
import type { DueList } from '../../claims/due-list.ts';
import type { ErrorCode } from '../../error-code.ts';
import type { Attempts } from '../../ports/attempts.ts';

type NotedClaim = Pick<Claim, 'id' | 'summary' | 'sender' | 'leftUntil'>;

/** How many runs in a row may break off on a claim before it is left undecided. */
const MOST_BREAK_OFFS = 5;

/** Runs of settle broke off on a claim again and again, by a time-out, for lack of memory or by a crash. */
export class ClaimBrokenOffError extends Error {
  readonly code = 'broken-off-claim' satisfies ErrorCode;
}

/**
 * Finds the claims on which runs break off, and their accounts: by a time-out, for lack of memory or by a crash. A run notes each list that it takes
 * until it releases it. If it finds the note of a run before, that one broke off. Then it also notes each claim and its accounts while it decides it.
 * A note that was left shows the claim.
 */
export class BreakOffs {
  readonly #attempts: Attempts | undefined;
  /** How often runs broke off by each note that was read. */
  readonly #read = new Map<string, number>();
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

  /** Does the work for a claim. If earlier runs broke off, notes the claim and its accounts until the work has ended, however it ends. */
  async during<T>(claim: NotedClaim, work: () => Promise<T>): Promise<T> {
    const own = noteOfClaim(claim);
    const notes = this.#isCareful ? [...sendersOf(claim).map(noteOf), own] : [];
    for (const note of notes)
      await this.#attempts?.change(note, (before) => ({ slices: 0, open: (before?.open ?? 0) + 1 }));
    try {
      return await work();
    } finally {
      for (const note of claim.leftUntil === undefined ? notes : new Set([...notes, own]))
        await this.#attempts?.forget(note);
    }
  }

  /** Returns the claims on whose accounts an earlier run broke off. */
  suspects<T extends NotedClaim>(claims: readonly T[]): Promise<ReadonlySet<T>> {
    return this.#noted(claims, (claim) => sendersOf(claim).map(noteOf));
  }

  /** Returns the claims on which an earlier run broke off themselves. */
  brokenOff<T extends NotedClaim>(claims: readonly T[]): Promise<ReadonlySet<T>> {
    return this.#noted(claims, (claim) => [noteOfClaim(claim)]);
  }

  /** Returns whether so many runs broke off on the claim that it is to be left undecided. */
  async isToLeave(claim: NotedClaim): Promise<boolean> {
    return this.#isCareful && (await this.#countOf(noteOfClaim(claim))) >= MOST_BREAK_OFFS;
  }

  /** Returns the claims all of whose notes an earlier run left. */
  async #noted<T extends NotedClaim>(claims: readonly T[], notesOf: (claim: T) => readonly string[]) {
    const found = new Set<T>();
    if (!this.#isCareful) return found;
    for (const claim of claims) {
      const counts: number[] = [];
      for (const note of notesOf(claim)) counts.push(await this.#countOf(note));
      if (counts.every((count) => count > 0)) found.add(claim);
    }
    return found;
  }

  async #countOf(note: string): Promise<number> {
    const known = this.#read.get(note);
    if (known !== undefined) return known;
    const count = (await this.#attempts?.noted(note))?.open ?? 0;
    this.#read.set(note, count);
    return count;
  }
}

function noteOfClaim({ id }: NotedClaim): string {
  return `settling claim ${id}`;
}

function noteOf(sender: string | undefined): string {
  return `settling claims of ${sender ?? 'no account'}`;
}
