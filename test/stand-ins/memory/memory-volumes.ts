import { type CeilingGap, type GapKind, newGap, overlaps } from '../../../lib/heartbeats/ceiling-gap.ts';
import { type AccountVolume, dayOf, NO_VOLUME, sumOf, type Volume } from '../../../lib/heartbeats/volume.ts';
import type { TimeRange } from '../../../lib/ports/paging.ts';
import type { Volumes } from '../../../lib/ports/volumes.ts';
import type { EpochMillis } from '../../../lib/time.ts';
import type { MemoryWorld } from './memory-world.ts';

/** Volumes in memory. */
export class MemoryVolumes implements Volumes {
  readonly #world: MemoryWorld;
  readonly #days = new Map<string, Map<string, Volume>>();

  readonly #gaps = new Map<string, CeilingGap>();

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async add(accountId: string, added: Partial<Volume>): Promise<Volume> {
    this.#world.beforeWrite();
    const sum = sumOf(this.#known(accountId), added);
    const day = dayOf(this.#world.clock());
    this.#days.set(day, (this.#days.get(day) ?? new Map<string, Volume>()).set(accountId, sum));
    return sum;
  }

  async of(accountId: string): Promise<Volume> {
    return this.#known(accountId);
  }

  #known(accountId: string): Volume {
    return this.#days.get(dayOf(this.#world.clock()))?.get(accountId) ?? NO_VOLUME;
  }

  async today(): Promise<readonly AccountVolume[]> {
    const today = this.#days.get(dayOf(this.#world.clock())) ?? new Map<string, Volume>();
    return [...today].map(([accountId, volume]) => ({ accountId, ...volume }));
  }

  async noteGap(accountId: string, what: GapKind, since: EpochMillis): Promise<void> {
    const now = this.#world.clock();
    const gap = newGap(accountId, what, since, now);
    const id = `${dayOf(now)} ${accountId} ${what}`;
    if ((this.#gaps.get(id)?.since ?? Number.POSITIVE_INFINITY) <= gap.since) return;
    this.#world.beforeWrite();
    this.#gaps.set(id, gap);
  }

  async gaps(range: TimeRange): Promise<readonly CeilingGap[]> {
    return [...this.#gaps.values()].filter((gap) => overlaps(gap, range));
  }
}
