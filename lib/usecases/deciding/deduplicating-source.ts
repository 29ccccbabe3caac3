import type { Facts } from '../../attribution/facts.ts';
import type { Moment } from '../../attribution/moment.ts';
import { type Question, questionId } from '../../attribution/questions.ts';
import type { GrantSource } from '../../ports/sessions.ts';
import { type EpochMillis, epochMillis, HOUR } from '../../time.ts';

/** The moments for which an answer of a source holds. */
export interface Reach {
  /** How long before and after the moment of its question an answer holds, in milliseconds. */
  readonly around: number;
  /**
   * The first and the last moment of all questions, if known. Questions are asked about both, which covers the moments
   * between them.
   */
  readonly span?: readonly [EpochMillis, EpochMillis] | undefined;
}

/**
 * The longest span that questions about its two ends cover, in milliseconds. A source looks back further than this from
 * each end, because the longest session lasts 36 hours (FACTS).
 */
const LONGEST_SPAN = 12 * HOUR;

/** Asks another source only once for each question and time, however many records need the answer. */
export class DeduplicatingSource implements GrantSource {
  readonly #source: GrantSource;
  readonly #reach: Reach;
  readonly #idOf: (question: Question) => string;
  readonly #covers = new Map<string, (readonly [number, number] | 'any')[]>();
  /** The moments that every answer so far covers. */
  #covered: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

  /** @param idOf returns the same ID for questions that the source answers alike. */
  constructor(source: GrantSource, reach: Reach, idOf: (question: Question) => string = questionId) {
    this.#source = source;
    this.#reach = reach;
    this.#idOf = idOf;
  }

  /** Returns whether all answers so far hold for this moment. Pass `undefined` for a time that cannot be parsed. */
  covers(moment: EpochMillis | undefined): boolean {
    return moment === undefined || (moment >= this.#covered[0] && moment <= this.#covered[1]);
  }

  async answer(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]> {
    // Without a time, no grant can match. But a grant of the access key still shows that the caller used a session.
    if (moment === 'unreadable') return this.answer(questions, 'any');
    const open = questions.filter((question) => !this.#isCovered(question, moment));
    if (open.length === 0) return [];
    const ends = this.#ends(moment);
    const facts: Facts[] = [];
    for (const end of ends) facts.push(...(await this.#source.answer(open, end)));
    for (const question of open) this.#note(question, ends);
    return facts;
  }

  #ends(moment: EpochMillis | 'any'): readonly (EpochMillis | 'any')[] {
    const { span } = this.#reach;
    if (moment === 'any' || span === undefined) return [moment];
    const block = Math.floor(moment / LONGEST_SPAN) * LONGEST_SPAN;
    const first = epochMillis(Math.min(moment, Math.max(span[0], block)));
    const last = epochMillis(Math.max(moment, Math.min(span[1], block + LONGEST_SPAN - 1)));
    return first === last ? [first] : [first, last];
  }

  #note(question: Question, ends: readonly (EpochMillis | 'any')[]): void {
    const [first, last = first] = ends;
    const covered =
      typeof first !== 'number' || typeof last !== 'number'
        ? 'any'
        : ([first - this.#reach.around, last + this.#reach.around] as const);
    if (covered !== 'any') {
      this.#covered = [Math.max(this.#covered[0], covered[0]), Math.min(this.#covered[1], covered[1])];
    }
    const id = this.#idOf(question);
    this.#covers.set(id, [...(this.#covers.get(id) ?? []), covered]);
  }

  #isCovered(question: Question, moment: EpochMillis | 'any'): boolean {
    const covers = this.#covers.get(this.#idOf(question)) ?? [];
    return covers.some(
      (covered) => covered === 'any' || (moment !== 'any' && moment >= covered[0] && moment <= covered[1]),
    );
  }
}

/** An answer of the sessions table holds for the 12 hours before and after the time of its question. */
export const STORE_REACH: Reach = { around: 12 * HOUR };
