import type { Question } from '../attribution/questions.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';
import { filingsOf } from './filing.ts';

/** What a claim waits for: the question without how it came up, so that a grant can name it too. */
export function waitId(question: Question): string {
  switch (question.kind) {
    case 'grants-of-key':
    case 'uses-of-key':
      return `${question.kind} ${question.accessKeyId}`;
    case 'grants-of-session':
      return `${question.kind} ${question.key}`;
    case 'user-of-id':
      return `${question.kind} ${question.principalId}`;
    case 'user-of-name':
      return `${question.kind} ${question.name}`;
  }
}

/** The questions to which these facts are an answer, each once. */
export function questionsAnsweredBy(facts: readonly TrailFacts[]): Question[] {
  const questions = new Map(filingsOf(facts).map(({ question }) => [waitId(question), question]));
  return [...questions.values()];
}
