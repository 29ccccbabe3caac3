import type { Facts } from '../../attribution/facts.ts';
import { reopenClaim } from '../../claims/opening.ts';
import { isAnsweredForGood, questionsAnsweredBy } from '../../claims/waits.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Claims, ClaimWaits } from '../../ports/claims.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import type { StoredItemError } from '../../ports/stored-items.ts';
import type { EpochMillis } from '../../time.ts';
import { faultyOnes } from '../counting/faulty-items.ts';

/** Stores needed to find waiting claims and to make them due. */
export interface WakeStores {
  readonly claims: Claims;
  readonly waits: ClaimWaits;
}

/**
 * Makes every claim that waits for one of these facts due at once, including closed ones. A wait for the mere existence of a fact is
 * removed once the claim is due.
 * @param but id of a claim to leave alone.
 * @returns the faults of claims that cannot be read or written; the other claims are due.
 */
export async function wake(
  facts: readonly Facts[],
  { claims, waits }: WakeStores,
  now: EpochMillis,
  but?: string,
): Promise<readonly StoredItemError[]> {
  const waiting = await mapConcurrently(questionsAnsweredBy(facts), async (question) => ({
    question,
    ids: await waits.claimIdsOf(question),
  }));
  const ids = [...new Set(waiting.flatMap((each) => each.ids))];
  const faulty = await faultyOnes(ids, async (id) => {
    if (id !== but) await claims.change(id, (claim) => claim && reopenClaim(claim, now));
    const asked = waiting.flatMap((each) => (each.ids.includes(id) ? [each.question] : []));
    await waits.remove(id, asked.filter(isAnsweredForGood));
  });
  return faulty.map(({ fault }) => fault);
}

/** The claim whose look-up found the facts. Settle is working on it, so it is woken only if it has final records. */
export interface FoundBy {
  readonly id: string;
  readonly hasFinal: boolean;
}

/**
 * Stores facts that look-ups found, and wakes the claims that wait for them. It wakes them before storing, so that a crash in between
 * loses none, and after, for claims that began to wait meanwhile. Settle reports claims that cannot be changed. New facts may change
 * final records of the claim that looked them up, so all of its records are decided again after its pass.
 */
export async function keepFound(
  found: readonly Facts[],
  stores: WakeStores & { readonly sessions: SessionStore },
  now: EpochMillis,
  by?: FoundBy,
): Promise<void> {
  const facts = await stores.sessions.missing(found);
  if (facts.length === 0) return;
  await wake(facts, stores, now, by?.id);
  if (by?.hasFinal === true) {
    await stores.claims.change(by.id, (claim) => claim && { ...reopenClaim(claim, now), rounds: claim.rounds });
  }
  await stores.sessions.add(facts);
  await wake(facts, stores, now, by?.id);
}
