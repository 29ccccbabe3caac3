import { quoted } from '../../lib/shell.ts';
import { without } from '../../lib/usecases/query/filter.ts';
import { questionParameters, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { ServiceOptions } from '../access/service-access.ts';
import { optionOf } from '../options/option-name.ts';
import { ownCommand } from '../options/own-command.ts';

/** Which service is asked, and whether of all its clusters. */
interface CommandOptions extends ServiceOptions {
  readonly allClusters?: boolean;
}

/** The command that asks this question of the same service, for a person to run. */
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

/** Those in whose place somebody may be are asked for by `--actor` and `--candidates`, which says the status too. */
function asOptions({ filter, range }: RecordsQuestion): RecordsQuestion {
  if (filter.candidate?.any === undefined) return { filter, range };
  return { filter: { actor: filter.candidate, ...without(filter, 'candidate', 'status') }, range };
}
