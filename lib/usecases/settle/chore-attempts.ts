import type { Attempts } from '../../ports/attempts.ts';

/** The note of a run on its chores. Only a run that holds their lease reads and writes it. */
const NOTE = 'settling chores';

/**
 * The chores on which earlier runs broke off, and the accounts on whose work. They come last, so that they keep no run from the others. A run
 * notes that it does its chores. If it finds the note of a run before, that one broke off. Then it also notes which chore it does, so the run
 * after that one knows it.
 */
export class ChoreAttempts {
  readonly #attempts: Attempts | undefined;
  readonly #isCareful: boolean;
  readonly #late: ReadonlySet<string>;

  private constructor(attempts: Attempts | undefined, isCareful: boolean, late: readonly string[]) {
    this.#attempts = attempts;
    this.#isCareful = isCareful;
    this.#late = new Set(late);
  }

  /** Notes that a run does its chores. Returns on which of them the runs before broke off. */
  static async begin(attempts: Attempts | undefined): Promise<ChoreAttempts> {
    const before = await attempts?.noted(NOTE);
    const begun = new ChoreAttempts(attempts, before !== undefined, before?.on ?? []);
    if (before === undefined) await begun.#note([]);
    return begun;
  }

  /** Returns whether an earlier run broke off on this work, so that it comes last. */
  readonly isLate = (work: string): boolean => this.#late.has(work);

  /** Notes the work that the run does now. */
  async noteWork(...work: readonly string[]): Promise<void> {
    if (this.#isCareful) await this.#note([...new Set([...this.#late, ...work])]);
  }

  /** Removes the note. If the run did not get to all that comes last, it stays, so that it comes last again. */
  async end(isWhole: boolean): Promise<void> {
    if (isWhole || this.#late.size === 0) await this.#attempts?.forget(NOTE);
    else await this.#note([...this.#late]);
  }

  async #note(on: readonly string[]): Promise<void> {
    await this.#attempts?.change(NOTE, () => ({ slices: 0, open: 1, on }));
  }
}
