import type { Facts } from '../attribution/facts.ts';
import type { Question, SessionQuestion } from '../attribution/questions.ts';
import { IDENTITY_CENTER_TOLERANCE } from '../attribution/settings.ts';
import type { Use } from '../cloudtrail/use.ts';
import { dashed } from '../identity/session-name.ts';
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
    case 'unnamed-service-grants':
      return `${question.kind} ${dashed(question.name)}`;
    case 'role-of-id':
      return `${question.kind} ${question.roleId}`;
    case 'changes-of-provider':
      return `${question.kind} ${question.providerArn}`;
    case 'agent-of-sign-in':
      return `${question.kind} ${question.signInSession}`;
    case 'tokens-issued':
      return `${question.kind} ${question.credentialId}`;
    case 'object-created':
      return `${question.kind} ${question.uid}`;
  }
}

/**
 * Under what a claim waits for an answer, and is found by one. A shared name like `EKSGetTokenAuth` has a claim for each
 * token, and a grant for each: a claim that only some of the session's grants can change waits apart from the others.
 */
export function waitIds(question: Question): readonly string[] {
  if (question.kind === 'uses-of-key' && question.only !== undefined)
    return [`${question.only} ${question.accessKeyId}`];
  if (question.kind !== 'grants-of-session' || question.only === undefined) return [filingId(question)];
  if (typeof question.only === 'string') return [`${question.only} ${question.key}`];
  const first = blockOf(question.only - IDENTITY_CENTER_TOLERANCE);
  const last = blockOf(question.only + IDENTITY_CENTER_TOLERANCE);
  return [...new Set([first, last])].map((block) => `began ${block} ${question.key}`);
}

/** In milliseconds: longer than beginnings may differ, so that both sides meet in one of two. */
const BLOCK = 4 * IDENTITY_CENTER_TOLERANCE;

function blockOf(time: number): number {
  return Math.floor(time / BLOCK);
}

/** The questions to which these facts are an answer, each once. */
export function questionsAnsweredBy(facts: readonly Facts[]): Question[] {
  const questions = filingsOf(facts).flatMap(({ question, fact }): Question[] => [
    question,
    ...partsOf(question, fact),
  ]);
  return [...new Map(questions.map((question) => [waitIds(question).join(), question])).values()];
}

function partsOf(question: Question, { grant, use }: Facts): Question[] {
  if (question.kind === 'uses-of-key') return use && saysOfOthers(use) ? [{ ...question, only: 'statements' }] : [];
  if (question.kind !== 'grants-of-session' || grant === undefined) return [];
  const parts = [
    'whether-any',
    grant.issuedAt,
    ...(grant.byIdentityCenter ? (['identity-center'] as const) : []),
  ] as const;
  return parts.map((only) => ({ ...question, only }));
}

/** Whether the use says anything of those who act by the session: most say only whose it is. */
function saysOfOthers({ delegate, agent, onBehalfOf, signInSession }: Use): boolean {
  return [delegate, agent, onBehalfOf, signInSession].some((statement) => statement !== undefined);
}

/** A question for which one answer is all that is waited. */
type AnsweredForGood =
  | Extract<Question, { readonly kind: 'role-of-id' | 'user-of-name' }>
  | (SessionQuestion & { readonly only: 'whether-any' });

/** What a claim may wait for no more; by none of these is it found whose records a session or a key has. */
export type PassingQuestion = AnsweredForGood | (SessionQuestion & { readonly only: 'identity-center' });

/** Whether one answer is all that the question waits for: a role's id is never used again, and a user once known is. */
export function isAnsweredForGood(question: Question): question is AnsweredForGood {
  const { kind } = question;
  if (kind === 'role-of-id' || kind === 'user-of-name') return true;
  return kind === 'grants-of-session' && question.only === 'whether-any';
}
