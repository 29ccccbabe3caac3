import type { Action, Answer, Known } from '../../attribution/answer.ts';
import { attribute } from '../../attribution/attribute.ts';
import { MomentSpan } from '../../attribution/moment.ts';
import type { AnswerByKey, AnswersByKey } from '../../fast/answers-by-key.ts';
import { type Sender, senderOf } from '../../fast/sender.ts';
import { NO_PLACE } from '../../fast/sender-places.ts';
import { epochMillis } from '../../time.ts';

/** What was decided of a sender, and between which moments it holds. */
export type Decision = DecidedByRules | DecidedByKey;

interface Decided {
  readonly span: MomentSpan;
  /** What stands behind the head of each record with this answer, once it was written. */
  rest: string | undefined;
}

export interface DecidedByRules extends Decided {
  readonly how: 'by-rules';
  readonly action: Action;
  readonly answer: Answer;
  /** Nobody has looked at it yet. */
  isNew: boolean;
}

interface DecidedByKey extends Decided, AnswerByKey {
  readonly how: 'by-key';
}

interface Place {
  readonly text: string;
  /** Read where the rules are asked. */
  sender: Sender | undefined;
  /** The last ones: a claim has few grants at a time. */
  readonly decisions: Decision[];
}

const MOST_DECISIONS = 4;
const UNREADABLE = 'unreadable' as const;

/**
 * Decides once for a sender and a span of moments, not once an event: an answer is a pure function of the caller, the moment
 * and what is known. Of as many senders as have places, of each the last answers.
 */
export class PackedDecisions {
  readonly #known: Known;
  readonly #byKey: AnswersByKey | undefined;
  readonly #places: (Place | undefined)[] = Array.from({ length: NO_PLACE + 1 });

  /** @param byKey for whom the text of an answer is enough. */
  constructor(known: Known, byKey?: AnswersByKey) {
    this.#known = known;
    this.#byKey = byKey;
  }

  /** From now on the place is this sender's. */
  take(place: number, sender: string): void {
    this.#places[place] = { text: sender, sender: undefined, decisions: [] };
  }

  /** `moment`: NaN where nobody can read it. */
  decide(place: number, moment: number): Decision {
    const taken = this.#places[place];
    if (taken === undefined) throw new Error(`No sender has place ${place}.`);
    const { decisions } = taken;
    for (const decision of decisions) if (decision.span.covers(moment)) return decision;
    const decision = this.#atOnce(taken, moment) ?? this.#byRules(taken, moment);
    if (Number.isNaN(moment) || (decision.how === 'by-rules' && this.#restsOnTokens(decision.action))) return decision;
    decisions.unshift(decision);
    if (decisions.length > MOST_DECISIONS) decisions.pop();
    return decision;
  }

  #atOnce({ text }: Place, moment: number): DecidedByKey | undefined {
    const answer = Number.isNaN(moment) ? undefined : this.#byKey?.of(text, moment);
    return answer && { how: 'by-key', ...answer, rest: undefined };
  }

  #byRules(place: Place, moment: number): DecidedByRules {
    place.sender ??= senderOf(place.text);
    return this.#decided(place.sender, moment);
  }

  #decided(sender: Sender, moment: number): DecidedByRules {
    const { index, settings, settled } = this.#known;
    const span = new MomentSpan();
    const action = { ...sender, moment: Number.isNaN(moment) ? UNREADABLE : epochMillis(moment) };
    const answer = attribute(action, { index, settings, settled, span });
    return { how: 'by-rules', action, answer, span, isNew: true, rest: undefined };
  }

  /** Of tokens the latest that was issued before the moment counts. */
  #restsOnTokens({ caller: { credentialId } }: Sender): boolean {
    return credentialId !== undefined && this.#known.index.tokensIssued(credentialId).length > 0;
  }
}
