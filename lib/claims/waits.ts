import type { Question, SessionQuestion } from '../attribution/questions.ts';
import { SESSION_START_TOLERANCE } from '../attribution/settings.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';
import { filingsOf } from './filing.ts';

/** Under what a fact is filed that answers the question: without how it came up, so that a grant can name it too. */
export function filingId(question: Question): string {
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

/**
 * Under what a claim waits for an answer, and is found by one. A shared name like `EKSGetTokenAuth` has a claim for each
 * token, and a grant for each: a claim that only some of the session's grants can change waits apart from the others.
 */
export function waitIds(question: Question): readonly string[] {
  if (question.kind !== 'grants-of-session' || question.only === undefined) return [filingId(question)];
  if (typeof question.only === 'string') return [`${question.only} ${question.key}`];
  const first = blockOf(question.only - SESSION_START_TOLERANCE);
  const last = blockOf(question.only + SESSION_START_TOLERANCE);
  return [...new Set([first, last])].map((block) => `began ${block} ${question.key}`);
}

/** In milliseconds: longer than beginnings may differ, so that both sides meet in one of two. */
const BLOCK = 4 * SESSION_START_TOLERANCE;

function blockOf(time: number): number {
  return Math.floor(time / BLOCK);
}

/** The questions to which these facts are an answer, each once. */
export function questionsAnsweredBy(facts: readonly TrailFacts[]): Question[] {
  const questions = filingsOf(facts).flatMap(({ question, fact }): Question[] =>
    question.kind === 'grants-of-session' ? [question, ...partsOf(question, fact)] : [question],
  );
  return [...new Map(questions.map((question) => [waitIds(question).join(), question])).values()];
}

function partsOf(question: SessionQuestion, { grant }: TrailFacts): SessionQuestion[] {
  if (grant === undefined) return [];
  const parts = [
    'whether-any',
    grant.issuedAt,
    ...(grant.byIdentityCenter ? (['identity-center'] as const) : []),
  ] as const;
  return parts.map((only) => ({ ...question, only }));
}

/** Whether one answer is all that the question waits for. */
export function isAnsweredForGood(question: Question): boolean {
  return question.kind === 'grants-of-session' && question.only === 'whether-any';
}
