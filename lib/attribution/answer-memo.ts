import { MOST_CALLERS } from '../audit/caller-memo.ts';
import { isTokenOf } from '../audit/issued-token.ts';
import type { ClusterKey } from '../identity/cluster.ts';
import { RecentMap } from '../recent-map.ts';
import type { Action, Answer } from './answer.ts';
import { MomentSpan } from './moment.ts';

/** The maximum number of answers that are remembered for a caller. A caller has few grants at a time, so the oldest answer is dropped. */
const MOST_ANSWERS = 4;

interface RememberedAnswer {
  readonly clusterKey: ClusterKey;
  readonly span: MomentSpan;
  readonly answer: Answer;
}

/**
 * Remembers the answers of the rules until anything new becomes known. An answer depends on the caller, on the moment
 * and on what is known. So it is valid for all events of the same caller within the span of moments that the rules
 * compared. Some answers depend on more: impersonation, service account tokens, anonymous callers, unusual clients of
 * nodes, and unreadable times. These always go to the rules.
 * Callers are compared as objects, so equal callers must share one object (`CallerMemo`).
 */
export class AnswerMemo {
  readonly #answers = new RecentMap<Action['caller'], RememberedAnswer[]>(MOST_CALLERS);

  /** Returns the remembered answer for the action. If there is none, calls `decide`, which asks the rules and narrows the span. */
  of(action: Action, decide: (span: MomentSpan) => Answer): Answer {
    const known = this.recall(action);
    if (known !== undefined) return known;
    const span = new MomentSpan();
    const answer = decide(span);
    this.keep(action, answer, span);
    return answer;
  }

  recall(action: Action): Answer | undefined {
    const { caller, moment, clusterKey } = action;
    if (typeof moment !== 'number' || !isRepeatable(action)) return undefined;
    for (const each of this.#answers.get(caller) ?? []) {
      if (each.clusterKey === clusterKey && each.span.covers(moment)) return each.answer;
    }
    return undefined;
  }

  /** @param span the span of moments that the rules narrowed. */
  keep(action: Action, answer: Answer, span: MomentSpan): void {
    if (!isRepeatable(action)) return;
    const { caller, clusterKey } = action;
    const answers = this.#answers.get(caller) ?? [];
    answers.unshift({ clusterKey, span, answer });
    if (answers.length > MOST_ANSWERS) answers.pop();
    this.#answers.set(caller, answers);
  }
}

function isRepeatable({ caller, moment, impersonated, unusualNodeClient }: Action): boolean {
  if (typeof moment !== 'number' || impersonated !== undefined || unusualNodeClient === true) return false;
  return caller.kind !== 'anonymous' && !isTokenOf(caller);
}
