import type { Action, Answer, Known } from '../../attribution/answer.ts';
import { attribute } from '../../attribution/attribute.ts';
import { MomentSpan } from '../../attribution/moment.ts';
import { type AnswerByKey, type AnswersByKey, MOST_ANSWER } from '../../fast/answers-by-key.ts';
import { BytesWriter } from '../../fast/bytes-writer.ts';
import { type Sender, senderOf } from '../../fast/sender.ts';
import { NO_PLACE } from '../../fast/sender-places.ts';
import { decoded } from '../../fast/utf-8.ts';
import { epochMillis } from '../../time.ts';

/** What was decided of a sender, and between which moments it holds. */
export type Decision = DecidedByRules | DecidedByKey;

export interface DecidedByRules {
  readonly how: 'by-rules';
  readonly span: MomentSpan;
  readonly action: Action;
  readonly answer: Answer;
  /** What stands behind the head of each record with this answer, once it was written. */
  rest: Uint8Array | undefined;
  /** Nobody has looked at it yet. */
  isNew: boolean;
}

interface DecidedByKey extends AnswerByKey {
  readonly how: 'by-key';
  /** Up to `restEnd`, what stands behind the head of each record with this answer. Of a sender without a place until the next is decided. */
  readonly rest: Uint8Array;
  readonly restEnd: number;
}

/** For whom the text of an answer is enough, and what stands around it behind a record's head. */
export interface ByKey {
  readonly answers: AnswersByKey;
  readonly before: Uint8Array;
  readonly behind: Uint8Array;
}

interface Place {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
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
  readonly #byKey: ByKey | undefined;
  readonly #places: (Place | undefined)[] = Array.from({ length: NO_PLACE + 1 });
  readonly #writer = new BytesWriter();
  readonly #written: Uint8Array;

  constructor(known: Known, byKey?: ByKey) {
    this.#known = known;
    this.#byKey = byKey;
    const { before, behind } = byKey ?? NOTHING;
    this.#written = new Uint8Array(before.length + MOST_ANSWER + behind.length);
    this.#written.set(before);
  }

  /** From now on the place is this sender's. Who has no place is asked about before the bytes are another's. */
  take(place: number, bytes: Uint8Array, from: number, to: number): void {
    const own = place === NO_PLACE ? { bytes, from, to } : copied(bytes, from, to);
    this.#places[place] = { ...own, sender: undefined, decisions: [] };
  }

  /** `moment`: NaN where nobody can read it. */
  decide(place: number, moment: number): Decision {
    const taken = this.#places[place];
    if (taken === undefined) throw new Error(`No sender has place ${place}.`);
    const { decisions } = taken;
    for (const decision of decisions) if (decision.span.covers(moment)) return decision;
    const decision = this.#atOnce(taken, moment, place !== NO_PLACE) ?? this.#byRules(taken, moment);
    if (place === NO_PLACE || Number.isNaN(moment)) return decision;
    if (decision.how === 'by-rules' && this.#restsOnTokens(decision.action)) return decision;
    decisions.unshift(decision);
    if (decisions.length > MOST_DECISIONS) decisions.pop();
    return decision;
  }

  #atOnce({ bytes, from, to }: Place, moment: number, isKept: boolean): DecidedByKey | undefined {
    if (this.#byKey === undefined || Number.isNaN(moment)) return undefined;
    const { answers, before, behind } = this.#byKey;
    const writer = this.#writer;
    writer.into(this.#written, before.length);
    const answer = answers.write(bytes, from, to, moment, writer);
    if (answer === undefined) return undefined;
    writer.all(behind);
    const restEnd = writer.at;
    const rest = isKept ? new Uint8Array(this.#written.subarray(0, restEnd)) : this.#written;
    return { how: 'by-key', ...answer, rest, restEnd };
  }

  #byRules(place: Place, moment: number): DecidedByRules {
    place.sender ??= senderOf(decoded(place.bytes, place.from, place.to));
    return this.#decided(place.sender, moment);
  }

  #decided({ caller, impersonated, cluster }: Sender, moment: number): DecidedByRules {
    const { index, settings, settled } = this.#known;
    const span = new MomentSpan();
    const action = { caller, impersonated, moment: Number.isNaN(moment) ? UNREADABLE : epochMillis(moment), cluster };
    const answer = attribute(action, { index, settings, settled, span });
    return { how: 'by-rules', action, answer, span, isNew: true, rest: undefined };
  }

  /** Of tokens the latest that was issued before the moment counts. */
  #restsOnTokens({ caller: { credentialId } }: Sender): boolean {
    return credentialId !== undefined && this.#known.index.tokensIssued(credentialId).length > 0;
  }
}

function copied(bytes: Uint8Array, from: number, to: number) {
  return { bytes: new Uint8Array(bytes.subarray(from, to)), from: 0, to: to - from };
}

const NOTHING = { before: new Uint8Array(), behind: new Uint8Array() };
