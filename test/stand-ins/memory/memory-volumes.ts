import { type AccountVolume, dayOf, NO_VOLUME, sumOf, type Volume } from '../../../lib/heartbeats/volume.ts';
import type { Volumes } from '../../../lib/ports/volumes.ts';
import type { MemoryWorld } from './memory-world.ts';

/** Volumes in memory. */
export class MemoryVolumes implements Volumes {
  readonly #world: MemoryWorld;
  readonly #days = new Map<string, Map<string, Volume>>();

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async add(accountId: string, added: Partial<Volume>): Promise<Volume> {
    const sum = sumOf(await this.of(accountId), added);
    this.#world.beforeWrite();
    const day = dayOf(this.#world.clock());
    this.#days.set(day, (this.#days.get(day) ?? new Map<string, Volume>()).set(accountId, sum));
    return sum;
  }

  async of(accountId: string): Promise<Volume> {
    return this.#days.get(dayOf(this.#world.clock()))?.get(accountId) ?? NO_VOLUME;
  }

  async today(): Promise<readonly AccountVolume[]> {
    const today = this.#days.get(dayOf(this.#world.clock())) ?? new Map<string, Volume>();
    return [...today].map(([accountId, volume]) => ({ accountId, ...volume }));
  }
}
