import type { Facts } from '../../attribution/facts.ts';
import type { Moment } from '../../attribution/moment.ts';
import { type Question, questionId } from '../../attribution/questions.ts';
import type { GrantSource } from '../../ports/sessions.ts';
import { type EpochMillis, epochMillis, HOUR } from '../../time.ts';

/** Which moments one answer covers. */
export interface Reach {
  /** How far from the moment that was asked about an answer still holds, in milliseconds. */
  readonly around: number;
  /** The first and the last moment that will be asked about: both are asked at once, and what lies between is covered. */
  readonly span?: readonly [EpochMillis, EpochMillis] | undefined;
}

/**
 * The longest span that its two ends cover: a source looks back from each further than this, since no session lasts
 * shorter than its grant is looked for (36 h, FACTS).
 */
const LONGEST_SPAN = 12 * HOUR;

/** Asks a source once for each question and time, however many records raise it. */
export class AskedOnce implements GrantSource {
  readonly #source: GrantSource;
  readonly #reach: Reach;
  readonly #idOf: (question: Question) => string;
  readonly #asked = new Map<string, (readonly [number, number] | 'any')[]>();
  /** The moments that each answer covers. */
  #covered: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

  /** `idOf`: which questions are one to the source. */
  constructor(source: GrantSource, reach: Reach, idOf: (question: Question) => string = questionId) {
    this.#source = source;
    this.#reach = reach;
    this.#idOf = idOf;
  }

  /** Whether all that was asked so far need not be asked again for this moment; undefined is one that nobody can read. */
  covers(moment: EpochMillis | undefined): boolean {
    return moment === undefined || (moment >= this.#covered[0] && moment <= this.#covered[1]);
  }

  async answer(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]> {
    // No grant can be meant then; but that a key was issued says that its caller does not act by themselves.
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
    this.#asked.set(id, [...(this.#asked.get(id) ?? []), covered]);
  }

  #isCovered(question: Question, moment: EpochMillis | 'any'): boolean {
    const asked = this.#asked.get(this.#idOf(question)) ?? [];
    return asked.some(
      (covered) => covered === 'any' || (moment !== 'any' && moment >= covered[0] && moment <= covered[1]),
    );
  }
}

/** How far the sessions table's answers reach around the moment that it is asked about. */
export const STORE_REACH: Reach = { around: 12 * HOUR };
