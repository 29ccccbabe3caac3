import { quoted } from '../../lib/shell.ts';
import { without } from '../../lib/usecases/query/filter.ts';
import { questionParameters, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { ServiceOptions } from '../access/service-access.ts';
import { optionOf } from '../options/option-name.ts';
import { ownCommand } from '../options/own-command.ts';

/** The service of the question, and whether all its clusters are included. */
interface CommandOptions extends ServiceOptions {
  readonly allClusters?: boolean;
}

/** Returns the command that asks this question of the same service. */
export function recordsCommandText(question: RecordsQuestion, asked: CommandOptions): string {
  const { api, table, profile, region } = asked;
  const service = Object.entries({ api, table, profile, region });
  const words = [...questionParameters(asOptions(question)), ...service].flatMap(([name, value]) =>
    value === undefined ? [] : [`${optionOf(name)} ${quoted(value)}`],
  );
  const candidates = question.filter.candidate?.any === undefined ? [] : ['--candidates'];
  const clusters = asked.allClusters === true ? ['--all-clusters'] : [];
  return [ownCommand('records'), ...words, ...candidates, ...clusters].join(' ');
}

/**
 * Returns the question as options. Requests with the actor as a candidate need `--actor` and `--candidates`, which
 * implies the status.
 */
function asOptions({ filter, range }: RecordsQuestion): RecordsQuestion {
  if (filter.candidate?.any === undefined) return { filter, range };
  return { filter: { actor: filter.candidate, ...without(filter, 'candidate', 'status') }, range };
}
