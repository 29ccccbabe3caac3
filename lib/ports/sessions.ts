import type { Facts } from '../attribution/facts.ts';
import type { Moment } from '../attribution/moment.ts';
import type { Question } from '../attribution/questions.ts';

/**
 * A source of grants, uses and users: the sessions table, or CloudTrail. `answer` returns all facts that the source has
 * for the questions, at that moment of the action. Questions that it cannot answer, such as a guess for CloudTrail, are
 * ignored. `answer` throws an error if the source cannot be reached.
 */
export interface GrantSource {
  /** The number of possible names that were not looked up, because there were too many. */
  readonly notSearched?: number;
  answer(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]>;
}

/** The grants, uses and users that were found so far. They are kept longer than the records that depend on them. */
export interface SessionStore extends GrantSource {
  /** Adds facts. To add the same facts again, in any order, changes nothing. */
  add(facts: readonly Facts[]): Promise<void>;
  /** Returns the facts that are not stored, or not completely. */
  missing(facts: readonly Facts[]): Promise<readonly Facts[]>;
}
