import { asksSomething, QUESTION_PARAMETERS, QuestionError, readQuestion } from '../../lib/usecases/query/question.ts';
import type { RecordsRequest } from '../../lib/usecases/query/records-request.ts';
import { Parameters, pairsOf } from './parameters.ts';

const PAGING = ['limit', 'cursor'];
const DEFAULT_LIMIT = 100;
const MOST = 1_000;

/** @throws QuestionError, or InputError, naming the parameter. */
export function recordsRequest(query: string): RecordsRequest {
  const pairs = pairsOf(query);
  const paging = new Parameters(
    pairs.filter(([name]) => PAGING.includes(name)),
    PAGING,
  );
  const question = readQuestion(pairs.filter(([name]) => !PAGING.includes(name)));
  if (!asksSomething(question))
    throw new QuestionError('from', `Ask by a time, or by one of ${QUESTION_PARAMETERS.join(', ')}.`);
  return { question, limit: paging.whole('limit', DEFAULT_LIMIT, MOST), cursor: paging.text('cursor') };
}
