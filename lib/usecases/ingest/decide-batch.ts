import type { Answer } from '../../attribution/answer.ts';
import { AnswerMemo } from '../../attribution/answer-memo.ts';
import { actionOf, attribute } from '../../attribution/attribute.ts';
import type { Facts } from '../../attribution/facts.ts';
import { KnownGrants } from '../../attribution/known-grants.ts';
import { MomentSpan } from '../../attribution/moment.ts';
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
  const { settings, memory, now, touchedAt } = deciding;
  const remembered = memory.recall(claimId, now, touchedAt);
  if (remembered !== undefined) {
    const answers = answersBy(remembered, events, settings);
    if (areFinalByKey(answers)) return answers;
  }
  const { answers, asked } = await answersByAsking(events, deciding);
  if (areFinalByKey(answers)) memory.keep(claimId, asked, now);
  return answers;
}

function areFinalByKey(answers: readonly Answer[]): boolean {
  return answers.every(({ attribution }) => isFinalByKey(attribution));
}

/** The answers by what is known, of which nothing later has a part in them. */
export function answersBy(
  facts: readonly Facts[],
  events: readonly DeliveredEvent[],
  settings: AttributionSettings,
): Answer[] {
  const index = new KnownGrants();
  for (const fact of facts) index.add(fact);
  const memo = new AnswerMemo();
  return events.map(({ event, cluster, handedOverBy }) => {
    const action = actionOf(event, cluster, handedOverBy);
    return memo.of(action, (span) => attribute(action, { index, settings, settled: false, span }));
  });
}

/**
 * The answers by what the table answers. What was answered about an event holds for the next one of its caller as long as
 * nothing else became known, and all that was asked covers its moment too.
 */
async function answersByAsking(events: readonly DeliveredEvent[], { sessions, settings }: Deciding) {
  const asked: Facts[] = [];
  const source = new AskedOnce(noting(sessions, asked), STORE_REACH);
  const known = new KnownGrants();
  let memo = new AnswerMemo();
  const answers: Answer[] = [];
  for (const { event, cluster, handedOverBy } of events) {
    const action = actionOf(event, cluster, handedOverBy);
    const remembered = source.covers(event.at) ? memo.recall(action) : undefined;
    if (remembered !== undefined) {
      answers.push(remembered);
      continue;
    }
    const before = asked.length;
    const span = new MomentSpan();
    const answer = await askAndAttribute(action, { source, known, settings, settled: false, span });
    if (asked.length !== before) memo = new AnswerMemo();
    memo.keep(action, answer, span);
    answers.push(answer);
  }
  return { answers, asked };
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
