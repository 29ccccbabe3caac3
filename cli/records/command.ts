import { quoted } from '../../lib/shell.ts';
import { without } from '../../lib/usecases/query/filter.ts';
import { questionParameters, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { optionOf } from '../options/option-name.ts';
import { ownCommand } from '../options/own-command.ts';
import { type Places, placeWords } from '../options/place-words.ts';

/** The service or files of the question, and whether all clusters of the service are included. */
interface CommandOptions extends Places {
  readonly allClusters?: boolean;
}

/** Returns the command that asks this question of the same service or files. */
export function recordsCommandText(question: RecordsQuestion, options: CommandOptions): string {
  const words = questionParameters(asOptions(question)).map(([name, value]) => `${optionOf(name)} ${quoted(value)}`);
  const candidates = question.filter.candidate?.any === undefined ? [] : ['--candidates'];
  const clusters = options.allClusters === true ? ['--all-clusters'] : [];
  return [ownCommand('records'), ...words, ...candidates, ...clusters, ...placeWords(options)].join(' ');
}

/**
 * Returns the question in a form that options can express. For requests with the actor as a candidate these are
 * `--actor` and `--candidates`, which implies the status.
 */
function asOptions({ filter, range }: RecordsQuestion): RecordsQuestion {
  if (filter.candidate?.any === undefined) return { filter, range };
  return { filter: { actor: filter.candidate, ...without(filter, 'candidate', 'status') }, range };
}
