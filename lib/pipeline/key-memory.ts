import type { Facts } from '../attribution/facts.ts';
import { type EpochMillis, MINUTE } from '../time.ts';

const MOST_CLAIMS = 5_000;
const LONGEST = 15 * MINUTE;

interface Remembered {
  readonly facts: readonly Facts[];
  readonly until: number;
}

/**
 * What proved a claim by its access key, for the next batches of the same process. Answers by name are never kept:
 * another grant of the same name may have come meanwhile.
 */
export class KeyMemory {
  readonly #claims = new Map<string, Remembered>();

  recall(claimId: string, now: EpochMillis): readonly Facts[] | undefined {
    const remembered = this.#claims.get(claimId);
    return remembered !== undefined && now < remembered.until ? remembered.facts : undefined;
  }

  keep(claimId: string, facts: readonly Facts[], now: EpochMillis): void {
    if (this.#claims.size >= MOST_CLAIMS) this.#claims.clear();
    this.#claims.set(claimId, { facts, until: now + LONGEST });
  }
}
