import { QUESTION_PARAMETERS } from '../../../lib/usecases/query/question.ts';

const TIMES = ['from', 'to'];

/** The parameters of the address that say which records are meant, but for the time: the API's own names. */
export const questionNames: ReadonlySet<string> = new Set(QUESTION_PARAMETERS.filter((name) => !TIMES.includes(name)));
