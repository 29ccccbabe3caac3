import { current } from '../../../lib/adapters/expiry.ts';
import type { AnnouncedIntents, Announcement, ClaimIntents, ForgottenIntents } from '../../../lib/ports/claims.ts';
import type { EpochMillis } from '../../../lib/time.ts';
import { inTurnsOfSenders } from '../../../lib/turns.ts';
import { expiryOf, type MemoryWorld } from './memory-world.ts';

/** Announced intents in memory, each in a part of its own. */
export class MemoryIntents implements ClaimIntents {
  readonly #world: MemoryWorld;
  /** By delivery and part. */
  readonly #announced = new Map<string, AnnouncedIntents & { readonly expires: number }>();

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async announce(delivery: string, { intents, records, sender }: Announcement, now: EpochMillis): Promise<void> {
    const of = sender === undefined ? {} : { sender };
    const parts: Announcement[] = intents.map((intent) => ({ intents: [intent], records: [], ...of }));
    if (records.length > 0) parts.push({ intents: [], records, ...of });
    for (const announced of parts) {
      this.#world.beforeWrite();
      const expires = expiryOf('records', this.#world);
      const part = JSON.stringify(announced);
      this.#announced.set(partKey(delivery, part), { delivery, part, at: now, ...announced, expires });
    }
  }

  async withdraw(delivery: string): Promise<void> {
    for (const [key, announced] of this.#announced) {
      if (announced.delivery !== delivery) continue;
      this.#world.beforeWrite();
      this.#announced.delete(key);
    }
  }

  async fulfil({ delivery, part, at }: AnnouncedIntents): Promise<void> {
    const key = partKey(delivery, part);
    if (this.#announced.get(key)?.at !== at) return;
    this.#world.beforeWrite();
    this.#announced.delete(key);
  }

  async *forgotten(
    before: EpochMillis,
    isLast: (sender: string | undefined) => boolean = () => false,
  ): AsyncGenerator<ForgottenIntents, void> {
    const there = current([...this.#announced.values()], this.#world.clock());
    const announced = there.filter(({ at }) => at < before).map(({ expires: _expires, ...part }) => part);
    yield { announced: inTurnsOfSenders(announced, ({ sender }) => sender, isLast), faulty: [] };
  }
}

function partKey(delivery: string, part: string): string {
  return `${part} ${delivery}`;
}
