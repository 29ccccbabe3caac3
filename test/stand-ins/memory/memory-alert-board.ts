import type { HeldAlert } from '../../../lib/claims/alert-digest.ts';
import { groupId } from '../../../lib/claims/alert-group.ts';
import { type AlertLedger, EMPTY_LEDGER } from '../../../lib/claims/alert-ledger.ts';
import type { AlertBoard, HeldAlerts } from '../../../lib/ports/alerts.ts';
import type { EpochMillis } from '../../../lib/time.ts';
import type { MemoryWorld } from './memory-world.ts';

/** Held alerts and the ledger, in memory. */
export class MemoryAlertBoard implements AlertBoard {
  readonly #world: MemoryWorld;
  readonly #held = new Map<string, HeldAlert>();
  #ledger: AlertLedger = EMPTY_LEDGER;

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async ledger(): Promise<AlertLedger> {
    return this.#ledger;
  }

  async note(change: (ledger: AlertLedger) => AlertLedger | undefined): Promise<boolean> {
    const ledger = change(this.#ledger);
    if (ledger === undefined) return false;
    this.#world.beforeWrite();
    this.#ledger = ledger;
    return true;
  }

  async hold(held: HeldAlert): Promise<void> {
    this.#world.beforeWrite();
    this.#held.set(keyOf(held), held);
  }

  async nextDue(): Promise<EpochMillis | undefined> {
    return this.#inOrder()[0]?.due;
  }

  async held(limit: number): Promise<HeldAlerts> {
    return { held: this.#inOrder().slice(0, limit), faulty: [] };
  }

  async release(held: readonly HeldAlert[]): Promise<void> {
    for (const each of held) {
      this.#world.beforeWrite();
      this.#held.delete(keyOf(each));
    }
  }

  #inOrder(): HeldAlert[] {
    return [...this.#held.values()].sort((a, b) => a.due - b.due);
  }
}

function keyOf({ due, at, claimId, group }: HeldAlert): string {
  return JSON.stringify([due, at, claimId, groupId(group)]);
}
