import type { Facts } from '../attribution/facts.ts';
import type { Question, SessionQuestion } from '../attribution/questions.ts';
import { IDENTITY_CENTER_TOLERANCE } from '../attribution/settings.ts';
import type { Use } from '../cloudtrail/use.ts';
import { dashed } from '../identity/session-name.ts';
import type { Claim } from './claim.ts';
import { filingsOf } from './filing.ts';

/**
 * Returns the text by which stores list a claim that waits: the account that sent its records, then its ID. So the
 * claims of one account are next to each other, and accounts can take turns. Nobody can choose either part.
 */
export function waiterOf({ id, sender = '' }: Pick<Claim, 'id' | 'sender'>): string {
  return `${sender}.${id}`;
}

/** Returns the account and the claim's ID in a text of `waiterOf`. */
export function parseWaiter(waiter: string): { readonly sender: string; readonly id: string } {
  const end = waiter.indexOf('.');
  return { sender: waiter.slice(0, end), id: waiter.slice(end + 1) };
}

/** Returns a text that sorts before all waiting claims of the account, and after those of the previous account. */
export function startOfSender(sender: string): string {
  return `${sender}.`;
}

/** Returns a text that sorts after all waiting claims of the account, and before those of the next account. */
export function endOfSender(sender: string): string {
  return `${sender}/`;
}

/**
 * Returns the key under which facts that answer the question are stored. It does not depend on why the question is
 * asked, because the same key must follow from the fact.
 */
export function filingId(question: Question): string {
  switch (question.kind) {
    case 'grants-of-key':
    case 'uses-of-key':
      return `${question.kind} ${question.accessKeyId}`;
    case 'grants-of-token':
      return `${question.kind} ${question.tokenId}`;
    case 'grants-of-session':
      return `${question.kind} ${question.key}`;
    case 'user-of-id':
      return `${question.kind} ${question.userId}`;
    case 'user-of-name':
      return `${question.kind} ${question.name}`;
    case 'unnamed-service-grants':
      return `${question.kind} ${dashed(question.name)} ${question.accountId ?? ''}`;
    case 'role-of-id':
      return `${question.kind} ${question.roleId}`;
    case 'ids-of-role':
      return `${question.kind} ${question.accountId}/${question.roleName}`;
    case 'changes-of-provider':
      return `${question.kind} ${question.providerArn}`;
    case 'agent-of-sign-in':
      return `${question.kind} ${question.signInSession}`;
    case 'tokens-issued':
      return `${question.kind} ${question.clusterKey} ${question.credentialId}`;
    case 'silences-of-account':
      return `${question.kind} ${question.accountId}`;
    case 'cluster-changes':
      return `${question.kind} ${question.day} ${question.accountId}`;
    case 'accounts-with-changes':
      return `${question.kind} ${question.day}`;
    case 'object-created':
      return `${question.kind} ${question.clusterKey} ${question.uid}`;
  }
}

/**
 * Returns the keys under which a claim waits for an answer, and by which the answer finds the claim. A name such as
 * `EKSGetTokenAuth` has a claim and a grant for each token. So a claim that only some grants of the session can change
 * waits under a separate key.
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

/**
 * The length of a block, in milliseconds. It is longer than the tolerance between two starts of one session. So both
 * starts are in the same block or in neighboring ones.
 */
const BLOCK = 4 * IDENTITY_CENTER_TOLERANCE;

function blockOf(time: number): number {
  return Math.floor(time / BLOCK);
}

/** Returns the questions that these facts answer, without repeated ones. */
export function questionsAnsweredBy(facts: readonly Facts[]): Question[] {
  const questions = filingsOf(facts).flatMap(({ question, fact }): Question[] => [
    question,
    ...partsOf(question, fact),
  ]);
  return [...new Map(questions.map((question) => [waitIds(question).join(), question])).values()];
}

function partsOf(question: Question, { grant, use }: Facts): Question[] {
  if (question.kind === 'uses-of-key') return use && statesOthers(use) ? [{ ...question, only: 'statements' }] : [];
  if (question.kind !== 'grants-of-session' || grant === undefined) return [];
  const parts = [
    'whether-any',
    grant.issuedAt,
    ...(grant.byIdentityCenter ? (['identity-center'] as const) : []),
  ] as const;
  return parts.map((only) => ({ ...question, only }));
}

/** Returns whether the use states others who act through the session. Most uses state only its owner. */
function statesOthers({ delegate, agent, onBehalfOf, signInSession }: Use): boolean {
  return [delegate, agent, onBehalfOf, signInSession].some((statement) => statement !== undefined);
}

/** A question that needs only one answer. */
type AnsweredForGood =
  | Extract<Question, { readonly kind: 'role-of-id' }>
  | (SessionQuestion & { readonly only: 'whether-any' });

/** A question for which a claim can stop waiting. Records are found without the claims that wait for it. */
export type PassingQuestion = AnsweredForGood | (SessionQuestion & { readonly only: 'identity-center' });

/** Returns whether one answer is enough for the question, because AWS never reuses the ID of a role. */
export function isAnsweredForGood(question: Question): question is AnsweredForGood {
  if (question.kind === 'role-of-id') return true;
  return question.kind === 'grants-of-session' && question.only === 'whether-any';
}
