import { reopened } from '../claims/claim.ts';
import { isAnsweredForGood, questionsAnsweredBy } from '../claims/waits.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';
import type { Claims, SessionStore } from '../ports.ts';
import type { EpochMillis } from '../time.ts';

/**
 * Makes every claim that waits for one of these facts due at once, closed ones too. Whoever only waited for whether there
 * is one waits no more, once its claim is due.
 */
export async function wake(
  facts: readonly TrailFacts[],
  claims: Claims,
  now: EpochMillis,
  but?: string,
): Promise<void> {
  const questions = questionsAnsweredBy(facts);
  const waiting = await Promise.all(
    questions.map(async (question) => [question, await claims.waitingFor(question)] as const),
  );
  const ids = new Set(waiting.flatMap(([, found]) => found));
  for (const id of ids) {
    if (id !== but) await claims.change(id, (claim) => claim && reopened(claim, now));
    const answered = waiting.flatMap(([question, found]) =>
      isAnsweredForGood(question) && found.includes(id) ? [question] : [],
    );
    await claims.waitNoMore(id, answered);
  }
}

/**
 * Stores what look-ups found, and wakes the claims that wait for it: before, so that a crash in between loses none,
 * and after, for claims that began to wait meanwhile.
 */
export async function keepFound(
  found: readonly TrailFacts[],
  stores: { readonly sessions: SessionStore; readonly claims: Claims },
  now: EpochMillis,
  but?: string,
): Promise<void> {
  const facts = await stores.sessions.missing(found);
  if (facts.length === 0) return;
  await wake(facts, stores.claims, now, but);
  await stores.sessions.add(facts);
  await wake(facts, stores.claims, now, but);
}
