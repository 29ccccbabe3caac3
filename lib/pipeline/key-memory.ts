import type { TrailFacts } from '../cloudtrail/record.ts';
import { type EpochMillis, MINUTE } from '../time.ts';

const MOST_CLAIMS = 5_000;
const LONGEST = 15 * MINUTE;

interface Remembered {
  readonly facts: readonly TrailFacts[];
  readonly until: number;
}

/**
 * What proved a claim by its access key, for the next batches of the same process. Answers by name are never kept:
 * another grant of the same name may have come meanwhile.
 */
export class KeyMemory {
  readonly #claims = new Map<string, Remembered>();

  recall(claimId: string, now: EpochMillis): readonly TrailFacts[] | undefined {
    const remembered = this.#claims.get(claimId);
    return remembered !== undefined && now < remembered.until ? remembered.facts : undefined;
  }

  keep(claimId: string, facts: readonly TrailFacts[], now: EpochMillis): void {
    if (this.#claims.size >= MOST_CLAIMS) this.#claims.clear();
    this.#claims.set(claimId, { facts, until: now + LONGEST });
  }
}
