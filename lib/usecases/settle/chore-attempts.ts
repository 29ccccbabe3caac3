import type { ErrorCode } from '../../error-code.ts';
import type { Attempts, DatedAttemptNote } from '../../ports/attempts.ts';
import { type EpochMillis, HOUR } from '../../time.ts';

/** Says that runs of settle repeatedly broke off on a chore: by a time-out, lack of memory or a crash. */
class ChoreBrokenOffError extends Error {
  readonly code = 'broken-off-chore' satisfies ErrorCode;
}

/** The number of runs that may break off on a chore before it is left out for an hour. */
const MOST_BREAK_OFFS = 5;
const LEFT_OUT = HOUR;

/**
 * The names of two notes. `RUNNING` says that a run is doing chores, and which one. `BROKEN_OFF` lists the chores on
 * which runs broke off.
 */
const [RUNNING, BROKEN_OFF] = ['settling chores', 'settling chores that broke off'];

/**
 * Finds the chores on which runs break off. Such chores come last, so that the others are done before a run breaks
 * off again.
 *
 * 1. A run notes that it does its chores, and removes the note at the end.
 * 2. A run that finds the note of an earlier run knows that the earlier one broke off. From then on, the later run also
 * notes which chore it does.
 * 3. If the later run breaks off too, the next run knows on which chore.
 *
 * The work of a chore for one account is a chore of its own, with the name of `accountWork`. Only a run that holds the
 * lease of the chores
 * reads and writes the notes.
 */
export class ChoreAttempts {
  readonly #attempts: Attempts | undefined;
  readonly #isCareful: boolean;
  readonly #brokenOff: Map<string, DatedAttemptNote>;
  readonly #now: EpochMillis;
  /** The chores that are being done. The last one is part of those before it. */
  readonly #current: string[] = [];

  private constructor(
    attempts: Attempts | undefined,
    isCareful: boolean,
    brokenOff: Map<string, DatedAttemptNote>,
    now: EpochMillis,
  ) {
    this.#attempts = attempts;
    this.#isCareful = isCareful;
    this.#brokenOff = brokenOff;
    this.#now = now;
  }

  /** Starts a run's chores and notes it. Without notes (in a backfill), no chore counts as late. */
  static async begin(attempts: Attempts | undefined, now: EpochMillis): Promise<ChoreAttempts> {
    const before = await attempts?.noted(RUNNING);
    const begun = new ChoreAttempts(attempts, before !== undefined, new Map(), now);
    if (attempts === undefined) return begun;
    if (before !== undefined) await begun.#count(before.on ?? [], attempts);
    await begun.#noteCurrent();
    return begun;
  }

  async #count(on: readonly string[], attempts: Attempts): Promise<void> {
    for (const chore of on)
      await attempts.change(noteOf(chore), (before) => ({ slices: 0, open: (before?.open ?? 0) + 1 }));
    const known = (await attempts.noted(BROKEN_OFF))?.on ?? [];
    for (const chore of new Set([...known, ...on])) {
      const note = await attempts.noted(noteOf(chore));
      if (note !== undefined) this.#brokenOff.set(chore, note);
    }
    if (on.length > 0) await this.#noteBrokenOff();
  }

  /** Returns whether earlier runs broke off on this chore, or on its work for one account. Such a chore comes last. */
  isLate(chore: string): boolean {
    return [...this.#brokenOff.keys()].some((late) => late === chore || late.startsWith(accountWork(chore, '')));
  }

  /**
   * Does a chore. Afterwards, the break-offs on this chore are forgotten.
   * @throws ChoreBrokenOffError if the chore is left out for an hour, and every error of the work.
   */
  async work<T>(chore: string, does: () => Promise<T>): Promise<T> {
    if (this.#isLeftOut(chore)) {
      const times = this.#brokenOff.get(chore)?.open;
      throw new ChoreBrokenOffError(`${times} runs broke off on ${chore}. It is left out for an hour.`);
    }
    this.#current.push(chore);
    if (this.#isCareful) await this.#noteCurrent();
    try {
      return await does();
    } finally {
      this.#current.pop();
      if (this.#isCareful) await this.#noteCurrent();
      await this.#forget((late) => late === chore);
    }
  }

  /**
   * Forgets the break-offs on a chore's work for single accounts, because none of this work is left. Keeps those of
   * work that is left out.
   */
  async forgetAccounts(chore: string): Promise<void> {
    await this.#forget((late) => late.startsWith(accountWork(chore, '')) && !this.#isLeftOut(late));
  }

  /**
   * Removes the note of the run, because it did not break off. If a chore is late, the note stays, so that the next run
   * notes which chore it does.
   */
  async end(): Promise<void> {
    if (this.#brokenOff.size === 0) await this.#attempts?.forget(RUNNING);
  }

  #isLeftOut(chore: string): boolean {
    const { open = 0, at = this.#now } = this.#brokenOff.get(chore) ?? {};
    return open >= MOST_BREAK_OFFS && at > this.#now - LEFT_OUT;
  }

  async #forget(isOver: (chore: string) => boolean): Promise<void> {
    const over = [...this.#brokenOff.keys()].filter(isOver);
    if (over.length === 0) return;
    for (const chore of over) {
      await this.#attempts?.forget(noteOf(chore));
      this.#brokenOff.delete(chore);
    }
    await this.#noteBrokenOff();
  }

  async #noteCurrent(): Promise<void> {
    await this.#attempts?.change(RUNNING, () => ({ slices: 0, open: 1, on: this.#current.slice(-1) }));
  }

  async #noteBrokenOff(): Promise<void> {
    const on = [...this.#brokenOff.keys()];
    if (on.length === 0) await this.#attempts?.forget(BROKEN_OFF);
    else await this.#attempts?.change(BROKEN_OFF, () => ({ slices: 0, open: 1, on }));
  }
}

/** Returns the name for a chore's work for one account. */
export function accountWork(chore: string, account: string): string {
  return `${chore} of account ${account}`;
}

function noteOf(chore: string): string {
  return `settling chore ${chore}`;
}
