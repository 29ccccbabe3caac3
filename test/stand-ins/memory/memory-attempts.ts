import type { AttemptNote, Attempts, DatedAttemptNote } from '../../../lib/ports/attempts.ts';
import type { EpochMillis } from '../../../lib/time.ts';
import type { MemoryWorld } from './memory-world.ts';

/** Notes of attempts in memory. */
export class MemoryAttempts implements Attempts {
  readonly #world: MemoryWorld;
  readonly #notes = new Map<string, DatedAttemptNote>();

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async noted(id: string): Promise<DatedAttemptNote | undefined> {
    return this.#notes.get(id);
  }

  async change(
    id: string,
    change: (before: DatedAttemptNote | undefined, now: EpochMillis) => AttemptNote,
  ): Promise<DatedAttemptNote | undefined> {
    this.#world.beforeWrite();
    const [before, at] = [this.#notes.get(id), this.#world.clock()];
    this.#notes.set(id, { ...change(before, at), at });
    return before;
  }

  async forget(id: string): Promise<void> {
    this.#world.beforeWrite();
    this.#notes.delete(id);
  }
}
