import { FIELD_NAMES } from '../filter.ts';
import { asksSomething, QUESTION_PARAMETERS, QuestionError, readQuestion } from '../question.ts';
import type { RecordsRequest } from '../records-request.ts';
import { Parameters, pairsOf } from './parameters.ts';

const PAGING = ['limit', 'cursor', 'quick'];
const KNOWN = [...QUESTION_PARAMETERS, ...PAGING];
const DEFAULT_LIMIT = 100;
const MOST = 1_000;

/** @throws QuestionError naming the parameter. */
export function recordsRequest(query: string): RecordsRequest {
  const pairs = pairsOf(query);
  const unknown = pairs.find(([name]) => !KNOWN.includes(name));
  if (unknown !== undefined)
    throw new QuestionError(unknown[0], `There is no parameter of this name; known: ${KNOWN.join(', ')}.`);
  const paging = new Parameters(
    pairs.filter(([name]) => PAGING.includes(name)),
    PAGING,
  );
  const question = readQuestion(pairs.filter(([name]) => !PAGING.includes(name)));
  if (!asksSomething(question))
    throw new QuestionError('from', `Ask by a time, or by one of ${FIELD_NAMES.join(', ')}.`);
  return {
    question,
    limit: paging.whole('limit', DEFAULT_LIMIT, MOST),
    cursor: paging.text('cursor'),
    isQuick: paging.isTrue('quick'),
  };
}
