import type { Facts } from '../attribution/facts.ts';
import type { Moment } from '../attribution/moment.ts';
import type { Question } from '../attribution/questions.ts';

/**
 * Grants, uses and users that are held elsewhere: the sessions table, or CloudTrail itself.
 * `answer` gives all that the source knows of the questions at that moment of the action; a question that it cannot
 * be asked (a guess, for CloudTrail) is left unanswered. It throws where the source is out of reach.
 */
export interface GrantSource {
  /** Names that could be meant as well and were too many to be asked for, so far. */
  readonly unasked?: number;
  answer(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]>;
}

/** The grants, uses and users that were found so far, kept longer than the records that rest on them. */
export interface SessionStore extends GrantSource {
  /** Adding the same again, in any order, changes nothing. */
  add(facts: readonly Facts[]): Promise<void>;
  /** Those of the facts that are not stored, or not wholly. */
  missing(facts: readonly Facts[]): Promise<readonly Facts[]>;
}
