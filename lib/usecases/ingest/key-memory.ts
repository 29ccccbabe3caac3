import type { Facts } from '../../attribution/facts.ts';
import { type EpochMillis, MINUTE, SECOND } from '../../time.ts';

const MOST_CLAIMS = 5_000;
const LONGEST = 15 * MINUTE;
/** The largest difference between the clocks of two functions, in milliseconds. */
const MOST_CLOCK_SKEW = 10 * SECOND;

interface KeyFacts {
  /** The time at which the facts were read. */
  readonly at: EpochMillis;
  readonly facts: readonly Facts[];
  readonly until: number;
}

/**
 * Remembers the facts that proved a claim by its access key, for the next batches of the same process. An entry holds
 * until the claim is opened again. Facts for answers by session name are not remembered, since another grant of that
 * name may arrive at any time.
 */
export class KeyMemory {
  readonly #claims = new Map<string, KeyFacts>();

  /**
   * Returns the remembered facts. Undefined if there are none, or if the claim was opened since, for example by a new
   * fact.
   * @param touchedAt the time of the last opening, as the stored claim has it.
   */
  recall(claimId: string, now: EpochMillis, touchedAt: EpochMillis | undefined): readonly Facts[] | undefined {
    const remembered = this.#claims.get(claimId);
    if (remembered === undefined || now >= remembered.until) return undefined;
    const isTouched = touchedAt === undefined || touchedAt + MOST_CLOCK_SKEW >= remembered.at;
    return isTouched ? undefined : remembered.facts;
  }

  keep(claimId: string, facts: readonly Facts[], now: EpochMillis): void {
    if (this.#claims.size >= MOST_CLAIMS) this.#claims.clear();
    this.#claims.set(claimId, { at: now, facts, until: now + LONGEST });
  }
}
