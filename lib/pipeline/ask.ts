import { type Action, type Answer, attribute } from '../attribution/attribute.ts';
import type { KnownGrants } from '../attribution/known-grants.ts';
import { AskingIndex } from '../attribution/questions.ts';
import type { AttributionSettings } from '../attribution/settings.ts';
import type { GrantSource } from '../ports.ts';

export interface Asking {
  readonly source: GrantSource;
  /** What is known already; what the source answers is added to it. */
  readonly known: KnownGrants;
  readonly settings: AttributionSettings;
  readonly settled: boolean;
}

/** Rounds of questions: a chain of ten hops needs one each, and a few more for keys that no grant lists. */
const MOST_ROUNDS = 40;

/**
 * Decides an action while the rules find something to ask: each round's questions go to the source together, what it
 * knows is added, and the rules decide again.
 */
export async function askAndAttribute(action: Action, asking: Asking): Promise<Answer> {
  const { source, known, settings, settled } = asking;
  const index = new AskingIndex(known);
  for (let round = 0; ; round += 1) {
    const answer = attribute(action, { index, settings, settled });
    const questions = index.takeNew();
    if (questions.length === 0 || round === MOST_ROUNDS) return answer;
    for (const facts of await source.answer(questions, action.moment)) known.add(facts);
  }
}
