import { quoted } from '../../lib/shell.ts';
import { without } from '../../lib/usecases/query/filter.ts';
import { questionParameters, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { ServiceOptions } from '../access/service-access.ts';
import type { FilesOptions } from '../options/files-options.ts';
import { optionOf } from '../options/option-name.ts';
import { ownCommand } from '../options/own-command.ts';
import { ruleWords } from '../options/rule-options.ts';
import { withValues } from '../options/with-values.ts';

/** The service or files of the question, and whether all clusters of the service are included. */
interface CommandOptions extends ServiceOptions, Partial<FilesOptions> {
  readonly allClusters?: boolean;
}

/** Returns the command that asks this question of the same service or files. */
export function recordsCommandText(question: RecordsQuestion, options: CommandOptions): string {
  const { api, table, profile, region } = options;
  const service = Object.entries({ api, table, profile, region });
  const words = [...questionParameters(asOptions(question)), ...service].flatMap(([name, value]) =>
    value === undefined ? [] : [`${optionOf(name)} ${quoted(value)}`],
  );
  const files = filesWords(options);
  const candidates = question.filter.candidate?.any === undefined ? [] : ['--candidates'];
  const clusters = options.allClusters === true ? ['--all-clusters'] : [];
  return [ownCommand('records'), ...words, ...candidates, ...clusters, ...files].join(' ');
}

/** Returns the files and the rules as options. */
export function filesWords(options: Partial<FilesOptions>): readonly string[] {
  const { audit = [], cloudtrail = [], clusterName, clusterArn, logGroup = [], requestPayer } = options;
  if (audit.length === 0) return [];
  const { usernameTemplate = [], trustedProxy = [], identityStore = [], samePerson = [] } = options;
  return [
    ...withValues('--audit', audit),
    ...withValues('--cloudtrail', cloudtrail),
    ...withValues('--cluster-name', clusterName === undefined ? [] : [clusterName]),
    ...withValues('--cluster-arn', clusterArn === undefined ? [] : [clusterArn]),
    ...ruleWords({ usernameTemplate, trustedProxy, identityStore, samePerson }),
    ...withValues('--log-group', logGroup),
    ...(requestPayer === true ? ['--request-payer'] : []),
  ];
}

/**
 * Returns the question in a form that options can express. For requests with the actor as a candidate these are
 * `--actor` and `--candidates`, which implies the status.
 */
function asOptions({ filter, range }: RecordsQuestion): RecordsQuestion {
  if (filter.candidate?.any === undefined) return { filter, range };
  return { filter: { actor: filter.candidate, ...without(filter, 'candidate', 'status') }, range };
}
