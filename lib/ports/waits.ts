import type { Question } from '../attribution/questions.ts';
import type { PassingQuestion } from '../claims/waits.ts';

/** Which answers each claim waits for: what comes finds by them the claims that it may change. */
export interface ClaimWaits {
  /**
   * The claim waits for answers to these questions, for longer than any record is kept that there is now. Answers whether any of
   * these waits is new.
   */
  add(claimId: string, questions: readonly Question[]): Promise<boolean>;
  /** The ids of the claims that wait for an answer to the question; never late. */
  claimIdsOf(question: Question): Promise<readonly string[]>;
  /** The claim waits for answers to these questions no more. By the others its records are found: they stay. */
  remove(claimId: string, questions: readonly PassingQuestion[]): Promise<void>;
}
