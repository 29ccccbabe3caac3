import type { Action, Answer, ReadAction } from '../../attribution/answer.ts';
import { attribute, withNames } from '../../attribution/attribute.ts';
import type { KnownGrants } from '../../attribution/known-grants.ts';
import type { Moment, MomentSpan } from '../../attribution/moment.ts';
import { sessionNames } from '../../attribution/names.ts';
import { AskingIndex, type Question, questionId } from '../../attribution/questions.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import { momentsOfSession } from '../../attribution/token.ts';
import { roleSessionKey, type SessionKey } from '../../identity/session-key.ts';
import type { GrantSource } from '../../ports/sessions.ts';

/** An answer, and whether everything was searched for it. */
export interface SearchedAnswer extends Answer {
  /** False if not everything was searched. In that case, somebody else than those named may be behind the action. */
  readonly isComplete?: false;
}

/** Inputs for attributing one action with a source of grants. */
export interface DecisionInputs {
  readonly source: GrantSource;
  /** The facts that are known so far. The source's answers are added to it. */
  readonly known: KnownGrants;
  readonly settings: AttributionSettings;
  readonly settled: boolean;
  /** Receives the moments between which the answer stays the same if no new fact arrives. */
  readonly span?: MomentSpan;
}

/**
 * Limits the rounds of questions. A chain of ten hops needs about twenty. The chains of several candidates need more.
 */
const MOST_ROUNDS = 200;

/**
 * Attributes an action. It asks the source for missing facts until the rules have no new question. Each round asks
 * only the first open questions of one kind. Their answer often makes the rest unnecessary. For example, a
 * grant of the access key makes the look-up by name unnecessary.
 */
export async function askAndAttribute(
  given: Action,
  { source, known, settings, settled, span }: DecisionInputs,
): Promise<SearchedAnswer> {
  const action = withNames(given, settings);
  const answered = new Set<string>();
  for (let round = 0; ; round += 1) {
    const dashed = dashedSessions(action, known);
    const index = new AskingIndex(known, dashed);
    const answer = attribute(action, { index, settings, settled, span });
    const wanted = index.takeNew();
    const each = momentsOfSession(action, known, settings).flatMap((moment) => openAt(moment, wanted, answered));
    if (each.length === 0 || round === MOST_ROUNDS) return withScope(answer, source);
    for (const { questions, moment } of each) {
      for (const facts of await source.answer(questions, moment)) known.add(facts);
      for (const question of questions) answered.add(idAt(question, moment));
    }
  }
}

/** Returns the first questions that were not asked about the moment yet. Empty if all were asked. */
function openAt(moment: Moment, wanted: readonly Question[], answered: ReadonlySet<string>) {
  const questions = firstOnes(wanted.filter((question) => !answered.has(idAt(question, moment))));
  return questions.length === 0 ? [] : [{ questions, moment }];
}

/**
 * Returns the ID of a question about that moment. Questions about tokens have the same ID at each moment, since their
 * answer is the same.
 */
function idAt(question: Question, moment: Moment): string {
  const id = questionId(question);
  return question.kind === 'tokens-issued' ? id : `${moment} ${id}`;
}

/**
 * Returns the first question, with those that are asked together with it. Questions about users and statements are all
 * needed, so they are asked together.
 */
function firstOnes(questions: readonly Question[]): readonly Question[] {
  const [first] = questions;
  const end = questions.findIndex((each) => each.kind !== first?.kind && !(isBesides(first) && isBesides(each)));
  return end < 0 ? questions : questions.slice(0, end);
}

function isBesides(question: Question | undefined): boolean {
  if (question?.kind === 'user-of-name' || question?.kind === 'user-of-id') return true;
  return question?.kind === 'uses-of-key' && question.only === 'statements';
}

/**
 * Returns the caller's sessions whose names may have `@` where the username has `-`. Empty if the event has an access
 * key. Then the name decides nothing, and only helps to explain why the caller is unidentified.
 */
function dashedSessions({ caller, read }: ReadAction, known: KnownGrants): ReadonlySet<SessionKey> {
  const { roleId, accessKeyId } = caller;
  if (roleId === undefined || accessKeyId !== undefined) return new Set();
  const { readings, guesses, origin } = sessionNames(read, caller, known);
  const dashed = readings.flatMap(({ name }) => (name === undefined || name.exact ? [] : [name.text]));
  const meant = origin === 'guess' ? guesses : dashed;
  return new Set(meant.map((text) => roleSessionKey(roleId, text)));
}

/** Marks the answer as incomplete if a name could not be looked up. Another person may have that name. */
function withScope(answer: Answer, { notSearched = 0 }: GrantSource): SearchedAnswer {
  return notSearched === 0 ? answer : { ...answer, isComplete: false };
}
