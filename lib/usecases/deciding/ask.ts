import type { Action, Answer, ReadAction } from '../../attribution/answer.ts';
import { attribute, withNames } from '../../attribution/attribute.ts';
import type { KnownGrants } from '../../attribution/known-grants.ts';
import type { MomentSpan } from '../../attribution/moment.ts';
import { sessionNames } from '../../attribution/names.ts';
import { AskingIndex, type Question, questionId } from '../../attribution/questions.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import { momentOfSession } from '../../attribution/token.ts';
import { roleSessionKey, type SessionKey } from '../../identity/session-key.ts';
import type { GrantSource } from '../../ports/sessions.ts';

export interface Asking {
  readonly source: GrantSource;
  /** What is known already; what the source answers is added to it. */
  readonly known: KnownGrants;
  readonly settings: AttributionSettings;
  readonly settled: boolean;
  /** Narrowed to the moments between which the answer stays the same, as long as nothing else becomes known. */
  readonly span?: MomentSpan;
}

/** A chain of ten hops needs some twenty rounds; several candidates' chains more. */
const MOST_ROUNDS = 200;

/**
 * Decides an action while the rules find something new to ask. Only the first question that is open, and those right
 * behind it that are asked with it, goes to the source before the rules decide again: what it finds often makes the rest
 * needless, as a key's grant does the look-up by name.
 */
export async function askAndAttribute(
  asked: Action,
  { source, known, settings, settled, span }: Asking,
): Promise<Answer> {
  const action = withNames(asked, settings);
  const answered = new Set<string>();
  for (let round = 0; ; round += 1) {
    const dashed = dashedSessions(action, known);
    const index = new AskingIndex(known, dashed);
    const answer = attribute(action, { index, settings, settled, span });
    const questions = firstOnes(index.takeNew().filter((question) => !answered.has(questionId(question))));
    if (questions.length === 0 || round === MOST_ROUNDS) return withDoubt(answer, source);
    const moment = momentOfSession(action, known);
    for (const facts of await source.answer(questions, moment)) known.add(facts);
    for (const question of questions) answered.add(questionId(question));
  }
}

/** Those of one kind; and what is asked besides once it is known whose session it is, which needs all of these answers. */
function firstOnes(questions: readonly Question[]): readonly Question[] {
  const [first] = questions;
  const end = questions.findIndex((each) => each.kind !== first?.kind && !(isBesides(first) && isBesides(each)));
  return end < 0 ? questions : questions.slice(0, end);
}

function isBesides(question: Question | undefined): boolean {
  return question?.kind === 'user-of-name' || (question?.kind === 'uses-of-key' && question.only === 'statements');
}

/**
 * The caller's sessions by names that were read with `@` as `-`. Not where there is an access key: then no name decides,
 * and it is asked for as it was read, to say why nobody can be named.
 */
function dashedSessions({ caller, read }: ReadAction, known: KnownGrants): ReadonlySet<SessionKey> {
  const { roleId, accessKeyId } = caller;
  if (roleId === undefined || accessKeyId !== undefined) return new Set();
  const { readings, guesses, origin } = sessionNames(read, caller, known);
  const dashed = readings.flatMap(({ name }) => (name === undefined || name.exact ? [] : [name.text]));
  const meant = origin === 'guess' ? guesses : dashed;
  return new Set(meant.map((text) => roleSessionKey(roleId, text)));
}

/** A name that was not asked for may be another person's. */
function withDoubt(answer: Answer, { unasked = 0 }: GrantSource): Answer {
  return unasked === 0 ? answer : { ...answer, attribution: { ...answer.attribution, provisional: true } };
}
