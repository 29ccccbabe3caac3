import type { AttemptNote, Attempts, DatedAttemptNote } from '../../../lib/ports/attempts.ts';
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

  async note(id: string, note: AttemptNote): Promise<void> {
    this.#world.beforeWrite();
    this.#notes.set(id, { ...note, at: this.#world.clock() });
  }

  async forget(id: string): Promise<void> {
    this.#world.beforeWrite();
    this.#notes.delete(id);
  }
}
