import type { Action, Answer } from '../../attribution/answer.ts';
import { actionOf, attribute, withNames } from '../../attribution/attribute.ts';
import type { Facts } from '../../attribution/facts.ts';
import { KnownGrants } from '../../attribution/known-grants.ts';
import { isFinalByKey } from '../../attribution/proof.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { GrantSource } from '../../ports/sessions.ts';
import type { EpochMillis } from '../../time.ts';
import { askAndAttribute } from '../deciding/ask.ts';
import { AskedOnce, STORE_REACH } from '../deciding/asked-once.ts';
import type { DeliveredEvent } from './batch.ts';
import type { KeyMemory } from './key-memory.ts';

export interface Deciding {
  readonly sessions: GrantSource;
  readonly settings: AttributionSettings;
  readonly memory: KeyMemory;
  readonly now: EpochMillis;
  /** When anything last opened the claim; undefined where it is not there yet. */
  readonly touchedAt: EpochMillis | undefined;
}

/** The answers for the events of one claim: the sessions table is asked once for them all, or memory for a known key. */
export async function decideClaim(
  claimId: string,
  events: readonly DeliveredEvent[],
  deciding: Deciding,
): Promise<readonly Answer[]> {
  const { sessions, settings, memory, now, touchedAt } = deciding;
  const actions = events.map(({ event, cluster, handedOver }) =>
    withNames(actionOf(event, cluster, handedOver), settings),
  );
  const remembered = memory.recall(claimId, now, touchedAt);
  if (remembered !== undefined) {
    const answers = answersBy(remembered, actions, settings);
    if (answers.every(({ attribution }) => isFinalByKey(attribution))) return answers;
  }
  const asked: Facts[] = [];
  const source = new AskedOnce(noting(sessions, asked), STORE_REACH);
  const known = new KnownGrants();
  const answers: Answer[] = [];
  for (const action of actions)
    answers.push(await askAndAttribute(action, { source, known, settings, settled: false }));
  if (answers.every(({ attribution }) => isFinalByKey(attribution))) memory.keep(claimId, asked, now);
  return answers;
}

function answersBy(facts: readonly Facts[], actions: readonly Action[], settings: AttributionSettings): Answer[] {
  const index = new KnownGrants();
  for (const fact of facts) index.add(fact);
  return actions.map((action) => attribute(action, { index, settings, settled: false }));
}

function noting(source: GrantSource, facts: Facts[]): GrantSource {
  return {
    async answer(questions, moment) {
      const found = await source.answer(questions, moment);
      facts.push(...found);
      return found;
    },
  };
}
