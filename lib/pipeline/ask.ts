import { type Action, type Answer, attribute } from '../attribution/attribute.ts';
import type { KnownGrants } from '../attribution/known-grants.ts';
import { AskingIndex, type Question, questionId } from '../attribution/questions.ts';
import type { AttributionSettings } from '../attribution/settings.ts';
import type { GrantSource } from '../ports.ts';

export interface Asking {
  readonly source: GrantSource;
  /** What is known already; what the source answers is added to it. */
  readonly known: KnownGrants;
  readonly settings: AttributionSettings;
  readonly settled: boolean;
}

/** A chain of ten hops needs some twenty rounds; several candidates' chains more. */
const MOST_ROUNDS = 200;

/**
 * Decides an action while the rules find something new to ask. Only the first question that is open, and those of its
 * kind right behind it, goes to the source before the rules decide again: what it finds often makes the rest needless,
 * as a key's grant does the look-up by name.
 */
export async function askAndAttribute(action: Action, { source, known, settings, settled }: Asking): Promise<Answer> {
  const answered = new Set<string>();
  for (let round = 0; ; round += 1) {
    const index = new AskingIndex(known);
    const answer = attribute(action, { index, settings, settled });
    const questions = firstOfOneKind(index.takeNew().filter((question) => !answered.has(questionId(question))));
    if (questions.length === 0 || round === MOST_ROUNDS) return answer;
    for (const facts of await source.answer(questions, action.moment)) known.add(facts);
    for (const question of questions) answered.add(questionId(question));
  }
}

function firstOfOneKind(questions: readonly Question[]): readonly Question[] {
  const end = questions.findIndex(({ kind }) => kind !== questions[0]?.kind);
  return end < 0 ? questions : questions.slice(0, end);
}
