import type { Facts } from '../../attribution/facts.ts';
import { type EpochMillis, MINUTE, SECOND } from '../../time.ts';

const MOST_CLAIMS = 5_000;
const LONGEST = 15 * MINUTE;
/** In milliseconds, more than the clocks of two functions do. */
const CLOCKS_DIFFER = 10 * SECOND;

interface KeyFacts {
  /** When the facts were asked for. */
  readonly at: EpochMillis;
  readonly facts: readonly Facts[];
  readonly until: number;
}

/**
 * What proved a claim by its access key, for the next batches of the same process, until something touches the claim.
 * Answers by name are never kept: another grant of the same name may have come meanwhile.
 */
export class KeyMemory {
  readonly #claims = new Map<string, KeyFacts>();

  /** Nothing where the claim was touched meanwhile, as by a fact that came: `touchedAt` is what the claim says. */
  recall(claimId: string, now: EpochMillis, touchedAt: EpochMillis | undefined): readonly Facts[] | undefined {
    const remembered = this.#claims.get(claimId);
    if (remembered === undefined || now >= remembered.until) return undefined;
    const isTouched = touchedAt === undefined || touchedAt + CLOCKS_DIFFER >= remembered.at;
    return isTouched ? undefined : remembered.facts;
  }

  keep(claimId: string, facts: readonly Facts[], now: EpochMillis): void {
    if (this.#claims.size >= MOST_CLAIMS) this.#claims.clear();
    this.#claims.set(claimId, { at: now, facts, until: now + LONGEST });
  }
}
