import { type RecordsQuestion, readQuestion } from '../../lib/usecases/query/question.ts';

/** Returns a question from parameters of the API: `asking({ verb: ['get', 'list'], notCluster: 'dev' })`. */
export function asking(parameters: Readonly<Record<string, string | readonly string[]>>): RecordsQuestion {
  const pairs = Object.entries(parameters).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
  return readQuestion(pairs);
}
