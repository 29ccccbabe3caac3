import { MOST_CALLERS } from '../audit/caller-memo.ts';
import { isTokenOf } from '../audit/issued-token.ts';
import { RecentMap } from '../recent-map.ts';
import type { Action, Answer } from './answer.ts';
import { MomentSpan } from './moment.ts';

/** A caller has few grants at a time: older answers are given up. */
const MOST_ANSWERS = 4;

interface RememberedAnswer {
  readonly cluster: string | undefined;
  readonly span: MomentSpan;
  readonly answer: Answer;
}

/**
 * Remembers the rules' own answers, for as long as nothing else becomes known. An answer is a function of the caller, the moment and
 * what is known, so it holds for every event of the same caller within the span of moments that the rules compared it with.
 * Impersonation, service account tokens, anonymous callers and unreadable times always go to the rules: their answers rest on more than that.
 *
 * Callers are told apart as objects: share one for what is alike (`CallerMemo`).
 */
export class AnswerMemo {
  readonly #answers = new RecentMap<Action['caller'], RememberedAnswer[]>(MOST_CALLERS);

  /** Returns the answer that is remembered for the action, else the one that `decide` gets from the rules with this span. */
  of(action: Action, decide: (span: MomentSpan) => Answer): Answer {
    const known = this.recall(action);
    if (known !== undefined) return known;
    const span = new MomentSpan();
    const answer = decide(span);
    this.keep(action, answer, span);
    return answer;
  }

  recall(action: Action): Answer | undefined {
    const { caller, moment, cluster } = action;
    if (typeof moment !== 'number' || !isRepeatable(action)) return undefined;
    for (const each of this.#answers.get(caller) ?? []) {
      if (each.cluster === cluster && each.span.covers(moment)) return each.answer;
    }
    return undefined;
  }

  /** @param span with which the rules were asked. */
  keep(action: Action, answer: Answer, span: MomentSpan): void {
    if (!isRepeatable(action)) return;
    const { caller, cluster } = action;
    const answers = this.#answers.get(caller) ?? [];
    answers.unshift({ cluster, span, answer });
    if (answers.length > MOST_ANSWERS) answers.pop();
    this.#answers.set(caller, answers);
  }
}

function isRepeatable({ caller, moment, impersonated }: Action): boolean {
  return typeof moment === 'number' && impersonated === undefined && caller.kind !== 'anonymous' && !isTokenOf(caller);
}
