import type { Question } from '../attribution/questions.ts';
import { sessionKeyOf } from '../cloudtrail/grant.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';

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
  const questions = new Map<string, Question>();
  for (const question of facts.flatMap(answered)) questions.set(waitId(question), question);
  return [...questions.values()];
}

function answered({ grant, use, user }: TrailFacts): Question[] {
  const questions: Question[] = [];
  if (grant?.accessKeyId !== undefined) questions.push({ kind: 'grants-of-key', accessKeyId: grant.accessKeyId });
  const key = grant && sessionKeyOf(grant);
  if (key !== undefined) {
    questions.push({ kind: 'grants-of-session', key, name: grant?.sessionName ?? '', guess: false });
  }
  if (use !== undefined) questions.push({ kind: 'uses-of-key', accessKeyId: use.accessKeyId });
  if (user !== undefined) questions.push({ kind: 'user-of-name', name: user.name });
  if (user?.principalId !== undefined) questions.push({ kind: 'user-of-id', principalId: user.principalId });
  return questions;
}
