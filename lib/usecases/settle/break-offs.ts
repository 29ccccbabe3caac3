import { type Claim, sendersOf } from '../../claims/claim.ts';
import { type DueList, dueListOf } from '../../claims/due-list.ts';
import type { ErrorCode } from '../../error-code.ts';
import type { Attempts } from '../../ports/attempts.ts';

type NotedClaim = Pick<Claim, 'id' | 'session' | 'needsLookUp' | 'summary' | 'sender' | 'leftUntil'>;

/**
 * The number of runs that may break off on a claim before it is left undecided. The count starts again once the
 * claim's work is done.
 */
const MOST_BREAK_OFFS = 5;

/** Says that runs of settle repeatedly broke off on a claim: by a time-out, lack of memory or a crash. */
export class ClaimBrokenOffError extends Error {
  readonly code = 'broken-off-claim' satisfies ErrorCode;
}

/**
 * Finds the claims on which runs break off (by a time-out, for lack of memory or by a crash), and the accounts of
 * these claims.
 *
 * 1. A run notes each list that it takes, and removes the note when it releases the list.
 * 2. A run that finds the note of an earlier run knows that the earlier one broke off. From then on, the later run also
 * notes which claim it decides.
 * 3. If the later run breaks off too, the next run counts that against the noted claim and its accounts.
 *
 * Only a run that holds the lease of a list reads its note, so no run counts what another run decides at the same time.
 * The count of an
 * account is the sum for all its claims, so that break-offs on one claim still count when another claim is done.
 */
export class BreakOffs {
  readonly #attempts: Attempts | undefined;
  /** The counts of break-offs that were read, by the name of their note. */
  readonly #read = new Map<string, number>();
  #isCareful = false;
  readonly #taken = new Set<DueList>();
  /** The claims on which an earlier run broke off, and which have had no turn in this run. */
  readonly #untried = new Set<string>();

  constructor(attempts: Attempts | undefined) {
    this.#attempts = attempts;
  }

  /** Notes that the run took the list. If an earlier run broke off on a claim of the list, counts that first. */
  async take(list: DueList): Promise<void> {
    const before = await this.#attempts?.noted(noteOfList(list));
    if (before !== undefined) this.#isCareful = true;
    for (const note of before?.on ?? []) this.#read.set(note, (await this.#count(note, 1)) + 1);
    await this.#note(list);
    this.#taken.add(list);
  }

  /**
   * Removes the note of the list. If broken-off claims had no turn before the time was over, the note stays. The next
   * run then decides such claims last, too.
   */
  async release(list: DueList): Promise<void> {
    if (this.#untried.size === 0) await this.#attempts?.forget(noteOfList(list));
  }

  /** Notes that the claim has its turn. */
  begin({ id }: NotedClaim): void {
    this.#untried.delete(id);
  }

  /**
   * Does the work for a claim. If earlier runs broke off, the claim is noted until the work ends, by success or error.
   * Its count stays until its work is done, because a run can also break off on a later part of it.
   */
  async noteDuring<T extends { readonly isDone: boolean }>(claim: NotedClaim, work: () => Promise<T>): Promise<T> {
    if (!this.#isCareful && claim.leftUntil === undefined) return work();
    const [own, accounts] = [noteOfClaim(claim), sendersOf(claim).map(noteOf)];
    const list = this.#isCareful ? this.#listOf(claim) : undefined;
    const before = await this.#countOf(own);
    if (list !== undefined) await this.#note(list, [own, ...accounts]);
    let isDone = false;
    try {
      const result = await work();
      ({ isDone } = result);
      return result;
    } finally {
      if (list !== undefined) await this.#note(list);
      if (isDone && before > 0) {
        for (const account of accounts) await this.#count(account, -before);
        await this.#attempts?.forget(own);
        this.#read.set(own, 0);
      }
    }
  }

  /** Returns the suspect claims. All accounts of such a claim have a claim on which an earlier run broke off. */
  findSuspects<T extends NotedClaim>(claims: readonly T[]): Promise<ReadonlySet<T>> {
    return this.#noted(claims, (claim) => sendersOf(claim).map(noteOf));
  }

  /** Returns the claims on which an earlier run broke off. They count as untried until they have their turn. */
  async findBrokenOff<T extends NotedClaim>(claims: readonly T[]): Promise<ReadonlySet<T>> {
    const found = await this.#noted(claims, (claim) => [noteOfClaim(claim)]);
    for (const { id } of found) this.#untried.add(id);
    return found;
  }

  /** Returns whether so many runs broke off on the claim that it should be left undecided. */
  async isToLeave(claim: NotedClaim): Promise<boolean> {
    return this.#isCareful && (await this.#countOf(noteOfClaim(claim))) >= MOST_BREAK_OFFS;
  }

  /** Returns the claims for which every note counts a break-off. */
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

  /**
   * Returns the list whose note names the claim. That is the claim's own list, which the next run takes too, because
   * the claim stays due. If this run does not hold that list, it is another one that it holds.
   */
  #listOf(claim: NotedClaim): DueList | undefined {
    const list = dueListOf(claim);
    return this.#taken.has(list) ? list : [...this.#taken][0];
  }

  async #note(list: DueList, on?: readonly string[]): Promise<void> {
    await this.#attempts?.change(noteOfList(list), () => ({ slices: 0, open: 1, ...(on && { on }) }));
  }

  /** Adds to the note's count of break-offs. Returns the count as it was before. */
  async #count(note: string, more: number): Promise<number> {
    const counted = (open: number) => ({ slices: 0, open: Math.max(0, open + more) });
    return (await this.#attempts?.change(note, (before) => counted(before?.open ?? 0)))?.open ?? 0;
  }

  async #countOf(note: string): Promise<number> {
    const known = this.#read.get(note);
    if (known !== undefined) return known;
    const count = (await this.#attempts?.noted(note))?.open ?? 0;
    this.#read.set(note, count);
    return count;
  }
}

function noteOfList(list: DueList): string {
  return `settling ${list}`;
}

function noteOfClaim({ id }: NotedClaim): string {
  return `settling claim ${id}`;
}

function noteOf(sender: string | undefined): string {
  return `settling claims of ${sender ?? 'no account'}`;
}
